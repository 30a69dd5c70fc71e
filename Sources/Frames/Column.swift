package import Telemetry

/// The samples of one series and one value type in a frame, in the order in which they were taken in.
///
/// The slices share the decoder's memory. Keeping one beyond the next `decode` is safe, and costs that decode a copy.
package struct Column: Sendable {
    package let series: SeriesID
    /// Nanoseconds since 1970; they may repeat and go back.
    package let timestamps: ArraySlice<Int64>
    /// As many as timestamps.
    package let values: ColumnValues
    /// Empty when all samples are good, else as many as timestamps.
    package let quality: ArraySlice<Quality>

    package var count: Int { timestamps.count }

    /// The value at `offset`, from 0 to below `count`.
    package func value(at offset: Int) -> Value {
        switch values {
        case .doubles(let numbers): .double(numbers[numbers.startIndex + offset])
        case .integers(let numbers): .integer(numbers[numbers.startIndex + offset])
        case .booleans(let flags): .boolean(flags[flags.startIndex + offset])
        case .texts(let indices, let dictionary): .text(dictionary[Int(indices[indices.startIndex + offset])])
        }
    }

    /// The sample at `offset`, from 0 to below `count`.
    package func sample(at offset: Int) -> Sample {
        Sample(
            series: series, timestamp: Timestamp(nanoseconds: timestamps[timestamps.startIndex + offset]),
            value: value(at: offset), quality: quality.isEmpty ? [] : quality[quality.startIndex + offset])
    }
}

/// The values of a column, all of one type.
package enum ColumnValues: Sendable {
    case doubles(ArraySlice<Double>)
    case integers(ArraySlice<Int64>)
    case booleans(ArraySlice<Bool>)
    /// Each value is the index of its text in the dictionary.
    case texts(ArraySlice<UInt32>, dictionary: [String])
}
