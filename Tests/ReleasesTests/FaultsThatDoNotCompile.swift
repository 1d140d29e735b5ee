import Foundation
import TestSupport
import Testing

/// Faults that the types rule out: each is written down as code, and the compiler has to refuse it.
@Suite("The compiler refuses")
struct FaultsThatDoNotCompile {
  /// A fault, and what the compiler says of it.
  struct Fault: CustomStringConvertible {
    let description: String
    let code: String
    let refusal: String
  }

  /// Refused for their types.
  static let ofTypes = [
    Fault(
      description: "a model that steps on an exact sum",
      code: "func f(_ m: inout ServerModel, _ s: consuming ExactSum) { m.step(s, scale: 1) }",
      refusal: "cannot convert value of type 'ExactSum'"),
    Fault(
      description: "a release that no sum was released for",
      code: "func f() -> Release { Release(round: 1, steps: [1], count: nil) }",
      refusal: "'Release' initializer is inaccessible"),
    Fault(
      description: "a look at an exact sum", code: "func f(_ s: borrowing ExactSum) -> [Double] { s.coordinates }",
      refusal: "'coordinates' is inaccessible"),
    Fault(
      description: "an entry without a release",
      code: "func f(_ l: inout LedgerWriter, _ e: LedgerEntry) { l.progress.entries.append(e) }",
      refusal: "'entries' setter is inaccessible"),
    Fault(
      description: "lines of a ledger by someone else",
      code: "func f(_ l: inout LedgerWriter, _ e: LedgerEntry) throws { try l.enter(l.lines(of: [e])) }",
      refusal: "is inaccessible due to 'internal' protection level"),
    Fault(
      description: "a contribution that is sent as it is",
      code: "func f(_ c: consuming Contribution) { let all: [Any] = [c]; _ = all }",
      refusal: "cannot convert value of type 'Contribution' to expected element type 'Any'"),
  ]

  /// Refused for who owns what.
  static let ofOwnership = [
    Fault(
      description: "a sum that is released twice, the second time without noise",
      code: """
        func f(_ s: consuming ExactSum, _ p: consuming PendingRelease, _ q: consuming PendingRelease,
          _ l: inout LedgerWriter) throws { _ = try s.release(p, ledger: &l); _ = try s.release(q, ledger: &l) }
        """, refusal: "'s' consumed more than once"),
    Fault(
      description: "noise that is used twice",
      code: """
        func g(_ s: consuming ExactSum, _ t: consuming ExactSum, _ p: consuming PendingRelease,
          _ l: inout LedgerWriter) throws { _ = try s.release(p, ledger: &l); _ = try t.release(p, ledger: &l) }
        """, refusal: "'p' consumed more than once"),
    Fault(
      description: "a copy of a sum",
      code: "func h(_ s: borrowing ExactSum) -> ExactSum { s }", refusal: "'s' is borrowed and cannot be consumed"),
  ]

  /// What an honest round does: refused for nothing.
  private static let honest = """
    func honest(_ s: consuming ExactSum, _ p: consuming PendingRelease, _ m: inout ServerModel,
      _ l: inout LedgerWriter) throws { m.step(try s.release(p, ledger: &l), scale: 1) }
    """

  @Test("nothing of what an honest round does")
  func honestRound() throws {
    let said = try compile([Self.honest])
    #expect(!said.contains("error:"), "\(said)")
  }

  @Test("what would release without noise, without an entry, or twice", arguments: [ofTypes, ofOwnership])
  func faults(faults: [Fault]) throws {
    // Each in a file of its own, so that functions can have one name, and what is said names the file.
    let said = try compile(faults.map { $0.code.replacing("func f", with: "private func f") })
    for (index, fault) in faults.enumerated() {
      let lines = said.split(separator: "\n").filter { $0.contains("/\(index).swift") && $0.contains("error:") }
      #expect(lines.contains { $0.contains(fault.refusal) }, "\(fault) compiles:\n\(said)")
    }
  }

  /// What the compiler says of files that use the built modules.
  private func compile(_ files: [String]) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var paths: [String] = []
    for (index, code) in files.enumerated() {
      let file = folder.appendingPathComponent("\(index).swift")
      let imports = ["AggregationSchemes", "Coordinator", "DifferentialPrivacy", "Releases"]
      try Data((imports.map { "import \($0)\n" }.joined() + code + "\n").utf8).write(to: file)
      paths.append(file.path)
    }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let modules = builtProgram("Modules")
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments =
      [
        "swiftc", "-emit-sil", "-o", folder.appendingPathComponent("out.sil").path, "-swift-version", "6", "-wmo",
        "-module-name", "Fault", "-parse-as-library", "-package-name", root.lastPathComponent.lowercased(), "-I",
        modules.path,
      ] + paths
    let output = Pipe()
    compiler.standardOutput = output
    compiler.standardError = output
    try compiler.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    compiler.waitUntilExit()
    return String(decoding: said, as: UTF8.self)
  }
}
