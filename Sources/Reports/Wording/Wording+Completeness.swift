import Aggregation

/// Completeness, in words that need no knowledge of frames and streams.
extension Wording {
    func word(_ data: Summary.Completeness) -> String {
        guard data.isShared else { return notShared }
        guard data.accepted > 0 else { return pick("No data", "没有数据") }
        return switch data.verdict {
        case .complete: pick("Complete", "完整")
        case .declaredLoss: pick("Declared loss", "有已声明的丢失")
        case .incomplete: pick("Incomplete", "不完整")
        }
    }

    /// What a reviewer has to know before trusting any number above.
    func explanation(_ data: Summary.Completeness) -> String {
        guard data.isShared else {
            return pick("What the data are worth is not shared.", "数据情况不公开。")
        }
        let accepted = samples(data.accepted)
        guard data.accepted > 0 else {
            return pick(
                "No sample has been accepted at any sensor in this period, so there is nothing to judge.",
                "本时间段内没有任何传感器采集到样本，无从判断。")
        }
        switch data.verdict {
        case .complete:
            return pick(
                "Every one of the \(accepted) that the sensors gave has arrived, and is numbered without a gap.",
                "传感器采集的 \(accepted)已全部到达，编号连续无缺。")
        case .declaredLoss:
            let share = Figure.percent(Double(data.lost) / Double(data.accepted))
            return pick(
                "Of \(accepted) that the sensors gave, \(samples(data.lost)) (\(share)) did not survive at the edge. "
                    + "The agent knew it and said so; all others arrived. "
                    + "The loss is within what the definition allows.",
                "传感器采集的 \(accepted)中，有 \(samples(data.lost))（\(share)）在边缘端丢失并已由采集端声明，其余全部到达；"
                    + "该丢失在场景定义允许的范围内。")
        case .incomplete:
            return incomplete(data, accepted)
        }
    }

    private func incomplete(_ data: Summary.Completeness, _ accepted: String) -> String {
        var holes: [String] = []
        if data.pending > 0 {
            holes.append(pick("\(samples(data.pending)) have not arrived yet", "\(samples(data.pending))尚未到达"))
        }
        if data.lost > 0 { holes.append(pick("\(samples(data.lost)) are lost for good", "\(samples(data.lost))已永久丢失")) }
        if data.untimed > 0 {
            holes.append(pick("the time of \(samples(data.untimed)) is not known", "\(samples(data.untimed))时间未知"))
        }
        if data.unusable > 0 {
            holes.append(pick("\(samples(data.unusable)) cannot be used", "\(samples(data.unusable))无法使用"))
        }
        let broken = data.checks.filter { !$0.holds }.map { pick($0.id.rawValue, name(of: $0.id)) }
        var sentence =
            holes.isEmpty
            ? pick("The data have holes", "数据存在缺口")
            : pick(
                "Of \(accepted) that the sensors gave, \(list(holes))",
                "传感器采集的 \(accepted)中，\(holes.joined(separator: "，"))")
        sentence += pick(".", "。")
        guard !broken.isEmpty else {
            return sentence
                + pick(" The conditions of the definition hold all the same.", "尽管如此，场景定义的完整性条件仍得到满足。")
        }
        return sentence
            + pick(
                " These conditions of the definition do not hold: \(list(broken)). Such data may not prove a pass.",
                "不满足场景定义的下列条件：\(list(broken))。这样的数据不能用来证明通过。")
    }

    func name(of check: Summary.Check.ID) -> String {
        switch check {
        case .loss: pick("Samples lost or pending", "丢失或待传的样本")
        case .gap: pick("Longest gap between samples", "样本间最长间隔")
        case .coverage: pick("Run time covered by samples", "样本覆盖的运行时间")
        case .clockError: pick("Clock error", "时钟误差")
        case .marked: pick("Samples out of range or past calibration", "超量程或校准失效的样本")
        case .time: pick("Samples of an unknown time", "时间未知的样本")
        case .definitions: pick("Samples without a fitting definition", "缺少匹配定义的样本")
        case .expired: pick("Runs whose data expired before they were evaluated", "评估前数据已过期的运行")
        case .tail: pick("Runs during which an agent crashed", "采集端崩溃期间的运行")
        case .heard: pick("Runs that go on beyond what agents have sent", "超出采集端已送达数据的运行")
        case .redaction: pick("Agents without proof of redaction", "未证实脱敏的采集端")
        case .consent: pick("Agents without proof of consent", "未证实同意规则的采集端")
        }
    }

    func value(_ check: Summary.Check) -> String {
        guard let value = check.value else { return notKnown }
        return quantity(value, check)
    }

    func limit(_ check: Summary.Check) -> String {
        let limit =
            switch check.unit {
            case "s": Span.text(seconds: check.limit)
            default: check.isCount ? Figure.exact(check.limit) : Figure.percent(check.limit)
            }
        return check.id == .coverage
            ? pick("at least \(limit)", "不低于 \(limit)") : pick("at most \(limit)", "不高于 \(limit)")
    }

    private func quantity(_ value: Double, _ check: Summary.Check) -> String {
        switch check.unit {
        case "s": Span.text(seconds: value, limits: [check.limit])
        default:
            check.isCount
                ? Figure.text(value, limits: [check.limit]) : Figure.percent(value, limits: [check.limit])
        }
    }

    /// Where each accepted sample ended; the first three add up to all.
    func fates(_ data: Summary.Completeness) -> [(name: String, count: UInt64, isPart: Bool)] {
        [
            (pick("Accepted at the sensors", "传感器采集"), data.accepted, false),
            (pick("Arrived", "已到达"), data.delivered, true),
            (pick("Lost, and declared so", "已声明丢失"), data.lost, true),
            (pick("Not here yet", "尚未到达"), data.pending, true),
            (
                pick("Arrived, but nobody knows the time, only the order", "已到达，但只知先后、不知时间"), data.untimed, false
            ),
            (
                pick("Arrived, but unusable for want of a definition or unit", "已到达但因缺少定义或单位不符而无法使用"), data.unusable,
                false
            ),
            (pick("Arrived again (frames, left out)", "重复到达（帧，已剔除）"), data.duplicates, false),
        ]
    }

    /// `12–14, 20`, and how many ranges beyond the first eight.
    func ranges(_ ranges: [ClosedRange<UInt64>]) -> String {
        guard !ranges.isEmpty else { return none }
        let texts = ranges.prefix(8).map {
            $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)"
        }
        let rest = ranges.count - texts.count
        return texts.joined(separator: ", ") + (rest > 0 ? pick(" and \(rest) more gaps", " 等，另有 \(rest) 处") : "")
    }

    /// Samples, and frames of which nobody knows how many they held.
    func declaredLost(_ stream: Summary.StreamState) -> String {
        let samples = Figure.count(stream.declaredLost)
        guard stream.uncountedFrames > 0 else { return samples }
        let frames = counted(stream.uncountedFrames, "frame", "frames", "帧")
        return pick("\(samples), and \(frames) of unknown size", "\(samples)，另有 \(frames)大小未知")
    }

    func tail(_ tail: Summary.StreamTail) -> String {
        switch tail {
        case .open: pick("goes on", "仍在继续")
        case .proven: pick("proven", "已证实")
        case .unproven: pick("unproven: the agent crashed", "未证实：采集端崩溃")
        }
    }

    var streamsCaption: String {
        pick(
            "Streams: each agent numbers its frames without gaps, so a missing number is a missing frame.",
            "数据流：每个采集端对其数据帧连续编号，缺号即缺帧。")
    }
}

extension Wording {
    /// Whether the data of one run are all there, in the width of a column.
    func data(_ run: Summary.RunCompleteness?) -> String {
        guard let run else { return Figure.missing }
        var words = [samples(run.delivered)]
        if run.missing > 0 {
            words.append(pick("\(Figure.count(run.missing)) missing", "缺 \(Figure.count(run.missing)) 个"))
        }
        if run.lost > 0 { words.append(pick("\(Figure.count(run.lost)) lost", "丢失 \(Figure.count(run.lost)) 个")) }
        if run.missing == 0, run.missingFrames > 0 {
            words.append(
                pick(
                    "\(counted(run.missingFrames, "frame", "frames", "帧")) missing",
                    "缺 \(Figure.count(run.missingFrames)) 帧"))
        }
        for check in run.broken {
            switch check {
            case .gap: words.append(pick("gap of \(seconds(run.longestGap))", "间断 \(seconds(run.longestGap))"))
            case .coverage:
                let share = run.coverage.map { Figure.percent($0) } ?? notKnown
                words.append(pick("\(share) covered", "覆盖 \(share)"))
            case .clockError:
                words.append(pick("clock error \(seconds(run.clockError))", "时钟误差 \(seconds(run.clockError))"))
            case .tail: words.append(pick("agent crashed", "采集端崩溃"))
            case .heard: words.append(pick("agent silent", "采集端无消息"))
            case .loss, .marked, .time, .definitions, .expired, .redaction, .consent: break
            }
        }
        if let held = run.withoutConsent {
            words.append(pick("\(Span.text(seconds: held)) without consent", "\(Span.text(seconds: held)) 未取得同意"))
        }
        return words.joined(separator: pick("; ", "；"))
    }

    private func seconds(_ number: Double?) -> String { number.map { Span.text(seconds: $0) } ?? notKnown }
}

extension Summary.Check {
    /// Whether its value is a number of things, instead of a share or a time.
    fileprivate var isCount: Bool { [.definitions, .time, .expired, .tail, .heard, .redaction, .consent].contains(id) }
}
