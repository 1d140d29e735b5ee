import Foundation
import ResultFiles
import Synchronization
import Testing

@Suite("A folder that grows")
struct GrowingFolderTests {
  private let place: Place

  init() throws { place = try Place() }

  private func folder(force: Bool = false, isShared: Bool = false) throws -> GrowingFolder {
    try GrowingFolder(
      place.path("s"), manifest: Self.manifest, force: force, isShared: isShared, inputs: [],
      isKnown: { path, _ in path.hasPrefix("points/k") }, note: { _ in }, difference: { _ in nil })
  }

  private static let manifest = FolderManifest(command: "sweep", version: "1")

  @Test("is gone on with, leaves what is not its own, and never writes over a file that was changed")
  func goesOn() throws {
    var growing: GrowingFolder? = try folder()
    try growing?.save(Data("1".utf8), as: "points/k1")
    try growing?.write([("curve.json", Data("one".utf8))], as: Self.manifest)
    try place.write("s/notes.txt", "mine")
    growing = nil
    growing = try folder()
    try growing?.write([("curve.json", Data("two".utf8)), ("new.svg", Data("a".utf8))], as: Self.manifest)
    #expect(try place.text("s/curve.json") == "two" && place.text("s/notes.txt") == "mine")
    // Somebody else's file of a name that fedsim is about to use.
    try place.write("s/other.svg", "mine")
    #expect(throws: FileFailure.self) {
      try growing?.write([("other.svg", Data("b".utf8))], as: Self.manifest)
    }
    growing = nil
    try place.write("s/curve.json", "mine")
    #expect(throws: FileFailure.self) { try folder() }
    #expect(try place.text("s/curve.json") == "mine" && place.text("s/other.svg") == "mine")
    #expect(try place.contents() == ["s"])
  }

  @Test("takes its first files from several threads at once")
  func threads() throws {
    let growing = try folder()
    let failures = Mutex(0)
    for round in 0..<100 {
      DispatchQueue.concurrentPerform(iterations: 4) { thread in
        do { try growing.save(Data("1".utf8), as: "points/k/\(round)/k\(thread)") } catch {
          failures.withLock { $0 += 1 }
        }
      }
    }
    #expect(failures.withLock { $0 } == 0)
  }

  @Test("that is begun anew stands beside the old one until it is whole, and replaces no stranger")
  func anew() throws {
    var growing: GrowingFolder? = try folder()
    try growing?.save(Data("1".utf8), as: "points/k1")
    try growing?.write([("curve.json", Data("one".utf8))], as: Self.manifest)
    growing = nil
    growing = try folder(force: true)
    try growing?.save(Data("2".utf8), as: "points/k2")
    #expect(try place.text("s/curve.json") == "one" && growing?.isBeside == true)
    growing?.giveUp()
    growing = nil
    #expect(try place.contents() == ["s"])
    growing = try folder(force: true)
    try growing?.save(Data("2".utf8), as: "points/k2")
    try growing?.write([("curve.json", Data("two".utf8))], as: Self.manifest)
    #expect(try growing?.finish() == place.path("s"))
    growing = nil
    #expect(try place.everything("s").keys.sorted() == [".fedsim", "curve.json", "points", "points/k2"])
    #expect(try place.contents() == ["s"])
    try place.write("s/points/mine", "mine")
    #expect(throws: FileFailure.self) { try folder(force: true) }
    #expect(try place.text("s/points/mine") == "mine")
  }

  @Test("is shared by parts, and by nobody else")
  func sharing() throws {
    let parts = try [folder(isShared: true), folder(isShared: true)]
    #expect(throws: FileFailure.self) { try folder() }
    try withExtendedLifetime(parts) {
      for (index, part) in parts.enumerated() { try part.save(Data("1".utf8), as: "points/k\(index)") }
    }
  }

  @Test("whose writing was cut off by a kill is known again, whichever of its files were written")
  func cutOff() throws {
    // The list is written first, with what each file may be.
    try place.write("s/curve.json", "old")
    try place.write("s/report.html", "new")
    func digest(_ text: String) -> String { FolderManifest.digest(of: Data(text.utf8)) }
    let either = FolderManifest(
      command: "sweep", version: "1",
      files: [
        "curve.json": [digest("old"), digest("new")], "report.html": [digest("old"), digest("new")],
      ])
    try either.write(into: place.url.appendingPathComponent("s"))
    let growing = try folder()
    try growing.write([("curve.json", Data("new".utf8))], as: Self.manifest)
    #expect(try place.text("s/curve.json") == "new")
  }
}
