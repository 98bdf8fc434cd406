/// The stable name of everything the lane tells a person.
///
/// A code never changes its meaning and is never reused; logs, records and other programs rely on it. Every code has
/// a text in both catalogues (`Catalogues/`), with the same placeholders; a test compares them.
public enum MessageCode: String, CaseIterable, Sendable {
    // MARK: Documents that people write
    case documentUnreadable = "document.unreadable"
    case documentSyntax = "document.syntax"
    case documentDuplicateKey = "document.duplicate-key"
    case documentMissingKey = "document.missing-key"
    case documentUnknownKey = "document.unknown-key"
    case documentWrongType = "document.wrong-type"
    case documentOutOfRange = "document.out-of-range"
    case documentUnknownValue = "document.unknown-value"
    case expectedText = "document.expected.text"
    case expectedInteger = "document.expected.integer"
    case expectedNumber = "document.expected.number"
    case expectedBoolean = "document.expected.boolean"
    case expectedDate = "document.expected.date"
    case expectedBytes = "document.expected.bytes"
    case expectedMapping = "document.expected.mapping"
    case expectedSequence = "document.expected.sequence"
    case expectedRange = "document.expected.range"

    // MARK: Metrology
    case gasWithoutCarbon = "metrology.gas-without-carbon"
    case gasNegative = "metrology.gas-negative"
    case airTooHumid = "metrology.air-too-humid"
    case airBeyondTable = "metrology.air-beyond-table"
    case valueNotFinite = "metrology.value-not-finite"
    case valueTooLarge = "metrology.value-too-large"

    // MARK: ASM
    case promptWarmUp = "asm.prompt.warm-up"
    case promptZero = "asm.prompt.zero"
    case promptAmbient = "asm.prompt.ambient"
    case promptBackground = "asm.prompt.background"
    case promptRest = "asm.prompt.rest"
    case promptInsertProbe = "asm.prompt.insert-probe"
    case promptAccelerate = "asm.prompt.accelerate"
    case promptRestarted = "asm.prompt.restarted"
    case promptFinished = "asm.prompt.finished"
    case promptAborted = "asm.prompt.aborted"
    case abortDilution = "abort.dilution"
    case abortStall = "abort.stall"
    case abortLowFlow = "abort.low-flow"
    case abortDeviceLost = "abort.device-lost"
    case abortDeviceFault = "abort.device-fault"
    case abortStaleData = "abort.stale-data"
    case abortPrecondition = "abort.precondition"
    case abortTimeLimit = "abort.time-limit"
    case abortOperator = "abort.operator"
    case abortEmergencyStop = "abort.emergency-stop"
    case abortInterrupted = "abort.interrupted"
}
