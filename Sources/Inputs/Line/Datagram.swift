#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A datagram that was received, and what the kernel says beside it.
struct Datagram {
    let count: Int
    let sender: SocketAddress
    /// How many datagrams the socket has lost since it was opened, because nobody read them in time; nil when none.
    let lostSoFar: UInt32?

    /// `cmsghdr` and its 32 bits of data (`SO_RXQ_OVFL`, socket(7)); the macros that walk control messages are not
    /// imported.
    private struct LossReport {
        var header = cmsghdr()
        var lost: UInt32 = 0
        var padding: UInt32 = 0
    }

    /// - Returns: nil when no datagram waits.
    static func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Datagram? {
        var sender = SocketAddress()
        var report = LossReport()
        var hasReport = false
        let count = sender.withMutablePointer { name, nameLength in
            withUnsafeMutablePointer(to: &report) { control in
                var part = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
                return withUnsafeMutablePointer(to: &part) { parts in
                    var message = msghdr()
                    message.msg_name = UnsafeMutableRawPointer(name)
                    message.msg_namelen = nameLength.pointee
                    message.msg_iov = parts
                    message.msg_iovlen = 1
                    message.msg_control = UnsafeMutableRawPointer(control)
                    message.msg_controllen = .init(MemoryLayout<LossReport>.size)
                    let received = retryingInterrupts { recvmsg(descriptor, &message, Int32(MSG_DONTWAIT)) }
                    nameLength.pointee = message.msg_namelen
                    hasReport = message.msg_controllen > 0
                    return received.result
                }
            }
        }
        guard count >= 0 else { return nil }
        let isLoss = hasReport && report.header.cmsg_level == SOL_SOCKET && report.header.cmsg_type == SO_RXQ_OVFL
        return Datagram(count: count, sender: sender, lostSoFar: isLoss ? report.lost : nil)
    }
}
