import CSerialPort

/// A serial port of this machine, with what is known of the adapter behind it (串口列表).
public struct SerialPortInfo: Hashable, Sendable {
    /// The path under /dev.
    public let path: String
    /// The operating system's description; nil if it has none.
    public let description: String?
    /// How a lane file names the port so that it is found again whatever order adapters are plugged in; nil for a
    /// port that is not behind USB.
    public let address: String?
    /// The maker and product that a USB adapter names; nil otherwise.
    public let product: String?

    /// Every serial port that libserialport finds, in the order of their paths.
    public static func all() -> [SerialPortInfo] {
        var list: UnsafeMutablePointer<OpaquePointer?>?
        guard sp_list_ports(&list) == SP_OK, let list else { return [] }
        defer { sp_free_port_list(list) }
        var ports: [SerialPortInfo] = []
        var index = 0
        while let port = list[index] {
            index += 1
            guard let name = sp_get_port_name(port) else { continue }
            ports.append(
                SerialPortInfo(
                    path: String(cString: name), description: text(sp_get_port_description(port)),
                    address: usbAddress(port),
                    product: [text(sp_get_port_usb_manufacturer(port)), text(sp_get_port_usb_product(port))]
                        .compactMap { $0 }.joined(separator: " ").nonEmpty))
        }
        return ports.sorted { $0.path < $1.path }
    }

    private static func usbAddress(_ port: OpaquePointer) -> String? {
        var vendor: Int32 = 0
        var product: Int32 = 0
        guard sp_get_port_transport(port) == SP_TRANSPORT_USB,
            sp_get_port_usb_vid_pid(port, &vendor, &product) == SP_OK
        else { return nil }
        let numbers = [vendor, product].map { number in
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
        let serial = text(sp_get_port_usb_serial(port)).map { ":\($0)" } ?? ""
        return "usb:\(numbers[0]):\(numbers[1])\(serial)"
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
        pointer.map { String(cString: $0) }?.nonEmpty
    }

    private static func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String? {
        text(pointer.map { UnsafePointer($0) })
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
