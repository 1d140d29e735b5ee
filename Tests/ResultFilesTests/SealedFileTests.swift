import Foundation
import ResultFiles
import Testing

@Suite("A page of its own")
struct SealedFileTests {
  @Test("is replaced as it was written, and not after any change")
  func changes() throws {
    let place = try Place()
    let path = place.path("c.html")
    func file(force: Bool? = true) throws -> SealedFile { try SealedFile(path, option: "out", force: force) }
    try file(force: false).write("<html>one</html>")
    #expect(throws: FileFailure.self) { try file(force: false) }
    try file().write("<html>two</html>\n")
    let whole = try place.text("c.html")
    #expect(whole.hasPrefix("<html>two</html>\n<!-- written by fedsim; SHA-256 of all above: "))
    let edits = [
      String(whole.dropLast()), whole + "\n", "x" + whole, whole.replacingOccurrences(of: "two", with: "too"),
      "a manuscript", whole + whole + "x",
    ]
    for edit in edits {
      try place.write("c.html", edit)
      #expect(throws: FileFailure.self) { try file() }
      #expect(throws: FileFailure.self) { try file(force: nil) }
      #expect(try place.text("c.html") == edit)
    }
    try place.write("c.html", "")
    try file().write("<html>three</html>")
    #expect(try place.contents() == ["c.html"])
  }

  @Test("says why it cannot be written")
  func reasons() throws {
    let place = try Place()
    try place.write("file", "x")
    func refusal(_ name: String) throws -> String {
      do {
        _ = try SealedFile(place.path(name), option: "out", force: true)
        return ""
      } catch let failure as FileFailure { return failure.description }
    }
    #expect(try refusal("no/c.html").contains("there is no folder"))
    #expect(try refusal("file/c.html").contains("there is no folder"))
    #expect(try refusal(".").contains("is a folder, not a file"))
    try FileManager.default.createSymbolicLink(atPath: place.path("link"), withDestinationPath: "nowhere")
    #expect(try refusal("link").contains("is a symbolic link that leads nowhere"))
  }
}
