import Coordinator
import Curves
import DifferentialPrivacy
import FederationProtocol
import Foundation
import Regression
import ResultFiles
import Scenarios

/// What libFuzzer calls: the first byte chooses a decoder, the rest is its input. Every decoder answers with a value or an
/// error; anything else is a crash that libFuzzer keeps.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
  guard size > 0 else { return 0 }
  let bytes = [UInt8](UnsafeBufferPointer(start: data + 1, count: size - 1))
  do {
    switch data[0] % 9 {
    case 0: _ = try CoordinatorMessage(frame(bytes))
    case 1: _ = try WorkerMessage(frame(bytes))
    case 2: _ = try LedgerEntry(line: Substring(String(decoding: bytes, as: UTF8.self)), number: 1)
    case 3: _ = try CurveSet(JSONValue(utf8: bytes), file: "input")
    case 4: _ = try Baseline(JSONValue(utf8: bytes), file: "input")
    case 5: _ = try Checkpoint.read(state: Data(bytes), journal: Data(), version: "1")
    case 6: _ = FolderManifest(try JSONValue(utf8: bytes))
    case 7: _ = try Ledger.allVerified(String(decoding: bytes, as: UTF8.self))
    default: _ = try Scenario(JSONValue(utf8: bytes), file: "input")
    }
  } catch {}
  return 0
}

/// libFuzzer's own main loop.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ argumentCount: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutableRawPointer,
  _ callback: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt

/// The package manager takes this for the program's entry, where libFuzzer's would be.
@_cdecl("fedsim_fuzz_main")
public func main(_ count: CInt, _ arguments: UnsafeMutableRawPointer) -> CInt {
  var count = count
  var arguments = arguments
  return runDriver(&count, &arguments, fuzz)
}

private func frame(_ bytes: [UInt8]) throws -> Frame {
  let (kind, length) = try Frame.parseHeader(Array(bytes.prefix(Frame.headerLength)))
  return Frame(kind: kind, body: Array(bytes.dropFirst(Frame.headerLength).prefix(length)))
}
