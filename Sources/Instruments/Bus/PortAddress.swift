import CSerialPort
import Glibc
public import Messages

/// Where an instrument is plugged in, as a lane file names it (端口).
///
/// An instrument behind a network adapter is `tcp:HOST:PORT`. Otherwise it is either a path — `/dev/ttyUSB0`,
/// `/dev/serial/by-id/…`, or any path that leads to a terminal — or the identity of a USB adapter, `usb:0403:6001` or
/// `usb:0403:6001:A50285BI`, which stays the same whatever order the adapters were plugged in.
public struct PortAddress: Hashable, Sendable, CustomStringConvertible {
    enum Kind: Hashable, Sendable {
        case path(String)
        case usb(vendor: Int, product: Int, serial: String?)
        case tcp(host: String, port: UInt16)
    }

    let kind: Kind

    /// The address as it was written.
    public let description: String

    /// Whether it is a network connection and not a serial port.
    public var isNetwork: Bool { if case .tcp = kind { true } else { false } }

    /// Reads an address.
    ///
    /// - Throws: ``PortAddressError`` if the text is neither an absolute path nor a USB identity.
    public init(_ text: String) throws(PortAddressError) {
        description = text
        if text.hasPrefix("/"), text.utf8.count > 1, !text.utf8.contains(0) {
            kind = .path(text)
            return
        }
        if text.hasPrefix("tcp:") {
            guard let colon = text.lastIndex(of: ":"), let number = UInt16(text[text.index(after: colon)...]),
                number > 0, let start = text.index(text.startIndex, offsetBy: 4, limitedBy: colon), start < colon
            else { throw PortAddressError(text: text) }
            kind = .tcp(host: String(text[start..<colon]), port: number)
            return
        }
        let parts = text.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0] == "usb",
            parts[1...2].allSatisfy({ $0.utf8.count == 4 && $0.allSatisfy(\.isHexDigit) }),
            let vendor = UInt16(parts[1], radix: 16), let product = UInt16(parts[2], radix: 16),
            parts.count == 3 || !parts[3].isEmpty
        else { throw PortAddressError(text: text) }
        kind = .usb(vendor: Int(vendor), product: Int(product), serial: parts.count == 4 ? String(parts[3]) : nil)
    }

    /// The path of the port now.
    ///
    /// - Throws: ``PortFailure/notFound`` if it is not plugged in.
    func path() throws(PortFailure) -> String {
        switch kind {
        case .path(let path): return path
        case .tcp: throw .failed("not a serial port")
        case .usb(let vendor, let product, let serial):
            let candidates = Self.usbPorts().filter {
                $0.vendor == vendor && $0.product == product && (serial == nil || $0.serial == serial)
            }
            guard let first = candidates.first else { throw .notFound }
            // Two equal adapters cannot be told apart without a serial number; guessing could swap two instruments.
            guard candidates.count == 1 else {
                throw .failed("several: \(candidates.map(\.path).sorted().joined(separator: ", "))")
            }
            return first.path
        }
    }

    private struct USBPort {
        let path: String
        let vendor: Int
        let product: Int
        let serial: String?
    }

    private static func usbPorts() -> [USBPort] {
        var list: UnsafeMutablePointer<OpaquePointer?>?
        guard sp_list_ports(&list) == SP_OK, let list else { return [] }
        defer { sp_free_port_list(list) }
        var ports: [USBPort] = []
        var index = 0
        while let port = list[index] {
            index += 1
            var vendor: Int32 = 0
            var product: Int32 = 0
            guard sp_get_port_usb_vid_pid(port, &vendor, &product) == SP_OK, let name = sp_get_port_name(port) else {
                continue
            }
            ports.append(
                USBPort(
                    path: String(cString: name), vendor: Int(vendor), product: Int(product),
                    serial: sp_get_port_usb_serial(port).map { String(cString: $0) }))
        }
        return ports
    }
}

/// A text that is no port address.
public struct PortAddressError: MessageError, Hashable {
    /// The text.
    public let text: String

    /// What to tell the person who wrote it.
    public var message: Message { Message(.instrumentPortAddress, ["address": .text(text)]) }
}
