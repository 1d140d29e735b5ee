import Foundation
import ResultFiles
import Testing

/// What a user has in a folder is worth more than any result.
@Suite("A folder of results")
struct ResultFolderTests {
  private let place: Place

  init() throws { place = try Place() }

  private func folder(
    _ name: String = "r", _ command: String = "run", force: Bool = false, inputs: [String] = []
  ) throws -> ResultFolder {
    try ResultFolder(place.path(name), command: command, version: "1", force: force, inputs: inputs) { _ in }
  }

  private func write(_ text: String, force: Bool = false) throws {
    try folder(force: force).write([("run.json", Data(text.utf8)), ("report.html", Data(text.utf8))])
  }

  private func refusal(_ name: String = "r", _ command: String = "run", inputs: [String] = []) throws -> String {
    let before = try place.everything()
    do {
      _ = try folder(name, command, force: true, inputs: inputs)
      Issue.record("\(name) was taken")
      return ""
    } catch let failure as FileFailure {
      #expect(failure.kind == .refusal)
      #expect(try place.everything() == before)
      return failure.description
    }
  }

  @Test("of fedsim's own is replaced with force, and not without")
  func replaced() throws {
    try write("one")
    #expect(try place.everything("r").keys.sorted() == [".fedsim", "report.html", "run.json"])
    #expect(throws: FileFailure.self) { try folder() }
    try write("two", force: true)
    #expect(try place.text("r/run.json") == "two")
    // Files that the user has removed are no reason to refuse.
    try FileManager.default.removeItem(atPath: place.path("r/run.json"))
    try write("three", force: true)
    #expect(try place.text("r/run.json") == "three" && place.contents() == ["r"])
  }

  @Test(
    "with anything in it that fedsim did not write is refused by that name, and stays to the byte",
    arguments: [
      "manuscript.tex", ".git/config", ".DS_Store", "notes/a/b.txt", "rounds.csv", "run.json.bak", ".hidden",
    ])
  func strangers(name: String) throws {
    try write("one")
    try place.write("r/" + name, "mine")
    let first = name.contains("/") ? String(name.prefix { $0 != "/" }) + "/" : name
    let refusal = try refusal()
    #expect(refusal.contains("holds what fedsim did not write: \(first);"), "\(refusal)")
  }

  @Test("is the user's where the user edited a file, even one of equal length")
  func edited() throws {
    try write("one")
    try place.write("r/report.html", "two")
    #expect(try refusal().contains("report.html, changed since"))
  }

  @Test("with an empty folder or a link of the user's in it is refused")
  func linksAndFolders() throws {
    try write("one")
    try FileManager.default.createDirectory(atPath: place.path("r/empty"), withIntermediateDirectories: false)
    #expect(try refusal().contains("empty/"))
    try FileManager.default.removeItem(atPath: place.path("r/empty"))
    // A link in the place of a file of fedsim's, to a file with the same content.
    try place.write("elsewhere", "one")
    try FileManager.default.removeItem(atPath: place.path("r/run.json"))
    try FileManager.default.createSymbolicLink(
      atPath: place.path("r/run.json"), withDestinationPath: place.path("elsewhere"))
    #expect(try refusal().contains("run.json"))
    #expect(try place.text("elsewhere") == "one")
  }

  @Test("without a list, or with one that is damaged or forged to lead out of it, is refused")
  func withoutManifest() throws {
    try place.write("r/run.json", "{}")
    #expect(
      try refusal().contains(
        "has no list of what fedsim wrote (.fedsim), so nothing in it is replaced; found: run.json"))
    for list in [
      "", "{", "[]", #"{"format": 1}"#,
      #"{"format": 2, "command": "run", "version": "1", "about": null, "files": {}, "partial": false}"#,
    ] {
      try place.write("r/.fedsim", list)
      #expect(try refusal().contains("has no list"))
    }
    try place.write("precious", "mine")
    let forged =
      #"{"format": 1, "command": "run", "version": "1", "about": null, "files": {"../precious": []}, "partial": false}"#
    try place.write("r/.fedsim", forged)
    #expect(try refusal().contains("has no list"))
  }

  @Test("of another command is refused")
  func otherCommand() throws {
    try write("one")
    #expect(
      try refusal("r", "generate").contains("holds what fedsim run wrote; fedsim generate replaces only its own"))
  }

  @Test("that is read, or holds what is read, is refused, also through links and dots")
  func inputs() throws {
    try write("one")
    try FileManager.default.createSymbolicLink(
      atPath: place.path("link"), withDestinationPath: place.path("r"))
    for input in ["r", "r/run.json", "link/run.json", "link", "r/../r/run.json"] {
      #expect(try refusal("r", inputs: [place.path(input)]).contains("which is read"), "\(input)")
      #expect(try refusal("link", inputs: [place.path(input)]).contains("which is read"), "\(input)")
    }
    // What lies beside it is no reason.
    try place.write("r2/s.json5", "")
    _ = try folder(force: true, inputs: [place.path("r2/s.json5"), place.path("nowhere")])
  }

  @Test("that is a link replaces what the link leads to, and the link stays; one that leads nowhere is refused")
  func links() throws {
    try write("one")
    try FileManager.default.createSymbolicLink(atPath: place.path("link"), withDestinationPath: "r")
    try folder("link", force: true).write([("run.json", Data("two".utf8))])
    #expect(try place.text("r/run.json") == "two" && place.contents() == ["link", "r"])
    try FileManager.default.removeItem(atPath: place.path("r"))
    #expect(try refusal("link").contains("is a symbolic link that leads nowhere"))
  }

  @Test("whose place is a file, or below one, or has too long a name, is refused with the reason")
  func impossible() throws {
    try place.write("file", "mine")
    #expect(try refusal("file").contains("file: exists already and is a file, not a folder"))
    #expect(try refusal("file/r").contains("file is a file, not a folder; choose another --out"))
    #expect(try refusal(String(repeating: "x", count: 252)).contains("the name is too long"))
    #expect(throws: FileFailure("--out: is empty; give a folder", .refusal)) {
      try ResultFolder("", command: "run", version: "1", force: true) { _ in }
    }
  }

  @Test("leaves the old one when the new one cannot be filled, and nothing beside it")
  func failures() throws {
    struct Stop: Error {}
    try write("one")
    let before = try place.everything()
    #expect(throws: Stop.self) {
      try folder(force: true).write { staging in
        try Data("two".utf8).write(to: staging.appendingPathComponent("run.json"))
        throw Stop()
      }
    }
    #expect(try place.everything() == before)
    // The same where there was nothing, and folders on the way had to be made.
    #expect(throws: Stop.self) { try folder("a/b/c").write { _ in throw Stop() } }
    #expect(try place.everything() == before)
  }

  @Test("goes beside what came to stand in its place while it was made")
  func occupiedMeanwhile() throws {
    do {
      let new = try folder()
      try place.write("r/thesis.txt", "mine")
      try new.write([("run.json", Data("one".utf8))])
      #expect(new.path == place.path("r-2"))
      #expect(try place.text("r/thesis.txt") == "mine" && place.text("r-2/run.json") == "one")
      // A file that the user puts into a folder that is being replaced.
      let other = try folder("r-2", force: true)
      try place.write("r-2/notes.txt", "mine")
      try other.write([("run.json", Data("two".utf8))])
      #expect(try place.text("r-2/notes.txt") == "mine" && place.text("r-2-2/run.json") == "two")
    }
    #expect(try place.contents() == ["r", "r-2", "r-2-2"])
  }

  @Test("half-filled by a process that was killed is cleared away by the next, and nothing else is")
  func leftovers() throws {
    try place.write(".r.part/run.json", "half")
    #expect(throws: FileFailure.self) { try write("one") }
    #expect(try place.text(".r.part/run.json") == "half")
    try place.write(
      ".r.part/.fedsim",
      #"{"format": 1, "command": "run", "version": "1", "about": null, "files": {}, "partial": true}"#)
    try write("one")
    #expect(try place.contents() == ["r"])
  }

  @Test("may be an empty folder of the user's")
  func empty() throws {
    try FileManager.default.createDirectory(atPath: place.path("r"), withIntermediateDirectories: false)
    try write("one")
    #expect(try place.text("r/run.json") == "one")
  }

  @Test("is kept for one at a time, who is named, and free names pass over it")
  func locks() throws {
    var first: ResultFolder? = try folder()
    #expect(try place.contents() == [".r.lock"])
    do {
      _ = try folder()
      Issue.record("two have the place")
    } catch let failure as FileFailure {
      #expect(failure.kind == .busy)
      #expect(failure.description.contains("r: fedsim run, process \(getpid()) on "))
      #expect(failure.description.contains("is writing there; wait for it, or give another --out"))
    }
    let second = try ResultFolder.open(
      nil, orFree: place.path("r"), command: "run", version: "1", force: false, inputs: []
    ) { _ in }
    #expect(second.path == place.path("r-2"))
    try first?.write([("run.json", Data("one".utf8))])
    first = nil
    #expect(try place.contents() == [".r-2.lock", "r"])
    _ = try folder(force: true)
  }

  @Test("takes a lock that a killed process left, and no file that only has its name")
  func staleLocks() throws {
    try place.write(".r.lock", "fedsim run, process 1 on elsewhere\n")
    try write("one")
    #expect(try place.contents() == ["r"])
    try place.write(".r.lock", "my own")
    #expect(try refusal().contains(".r.lock is in the way; it is no lock of fedsim"))
  }
}
