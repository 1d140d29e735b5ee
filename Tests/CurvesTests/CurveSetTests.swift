import Curves
import Foundation
import NumericalCore
import Scenarios
import Testing

@Suite("curve.json")
struct CurveSetTests {
  private var sample: CurveSet {
    Sample.set(
      [
        Sample.curve("a", epsilons: [0.5, 1, .infinity], lines: [.central: 0.8, .popularity: 0.6]) {
          $0.isFinite ? 0.1 * $0 : 0.9 + Double($1) * 1e-17
        },
        Sample.curve("b", epsilons: [1]) { _, seed in 1.0 / 3 + Double(seed) },
      ], missing: ["k2", "k1"])
  }

  @Test("reads back as what was written, to the bit")
  func roundTrip() throws {
    let bytes = try sample.json.encoded(pretty: true)
    let read = try CurveSet(JSONValue(utf8: bytes), file: "f")
    #expect(read == sample)
    #expect(try read.json.encoded(pretty: true) == bytes)
    #expect(read.missing == ["k1", "k2"])
  }

  @Test("that was changed is refused")
  func changed() throws {
    let text = String(decoding: try sample.json.encoded(pretty: false), as: UTF8.self)
    let swapped = text.replacingOccurrences(of: "1 0.05", with: "1 0.06")
    #expect(swapped != text)
    #expect(throws: CurveFileError(file: "f", message: "its digest is not that of its runs: the file was changed"))
    {
      try CurveSet(JSONValue(utf8: swapped.utf8), file: "f")
    }
  }

  @Test("that was cut or mangled is answered with an error, never a crash", arguments: 0..<20)
  func mangled(seed: UInt64) throws {
    let bytes = [UInt8](try sample.json.encoded(pretty: false))
    var stream = RandomStream(seed: seed, purpose: .examples)
    for _ in 0..<100 {
      var mutated = bytes
      switch stream.nextInteger(below: 3) {
      case 0: mutated.removeLast(1 + stream.nextInteger(below: bytes.count - 1))
      case 1: mutated[stream.nextInteger(below: bytes.count)] = UInt8(stream.nextInteger(below: 256))
      default:
        let start = stream.nextInteger(below: bytes.count - 10)
        mutated.removeSubrange(start..<start + 1 + stream.nextInteger(below: 9))
      }
      guard let json = try? JSONValue(utf8: mutated) else { continue }
      do {
        // What is accepted is still a set of curves: metrics and names are not covered by the digest.
        let read = try CurveSet(json, file: "f")
        #expect(read.curves.count == 2)
      } catch let error as CurveFileError {
        #expect(!error.message.isEmpty)
      }
    }
  }

  @Test("of two parts joins to the whole, in either order")
  func joining() throws {
    let seeds: [UInt64] = [1, 2, 3, 4]
    func part(_ epsilons: [Double], _ seeds: [UInt64], missing: [String]) -> CurveSet {
      Sample.set(
        [Sample.curve("a", epsilons: epsilons, seeds: seeds, lines: [.central: 0.8]) { $0 * 0.1 + Double($1) }],
        missing: missing)
    }
    let whole = part([1, 2], seeds, missing: [])
    let (first, second) = (part([1, 2], [1, 2], missing: ["z"]), part([1, 2], [3, 4], missing: ["y"]))
    #expect(first.isPart(ofSameSweepAs: second))
    #expect(try first.joined(with: second, file: "f") == whole)
    #expect(try second.joined(with: first, file: "f") == whole)
    // Two whole sweeps are not parts of each other: last month's against today's.
    #expect(!whole.isPart(ofSameSweepAs: whole))
    #expect(throws: CurveFileError.self) {
      try first.joined(
        with: Sample.set([Sample.curve("a", epsilons: [1], seeds: [1]) { _, _ in 0.3 }], missing: ["z"]), file: "f")
    }
  }
}
