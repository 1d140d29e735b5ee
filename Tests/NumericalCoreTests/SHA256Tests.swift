import NumericalCore
import Testing

@Suite("SHA-256")
struct SHA256Tests {
  /// The examples of FIPS 180-4's companion document, and the empty message.
  @Test(
    "gives the published digests", .tags(.conformance),
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
      ),
      (
        String(repeating: "a", count: 1_000_000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
      ),
    ])
  func publishedDigests(message: String, digest: String) {
    var hash = SHA256()
    hash.update(message.utf8)
    #expect(hash.hexadecimal == digest)
  }

  @Test("of a whole message are those of its parts, at every length around a block's end")
  func wholeMessages() {
    for length in 0...200 {
      let message = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7 + length) }
      var hash = SHA256()
      for byte in message { hash.update([byte]) }
      let words = message.withUnsafeBytes { SHA256.words(of: $0) }
      let bytes = words.indices.flatMap { index in
        (0..<4).map { UInt8(truncatingIfNeeded: words[index] >> (24 - 8 * UInt32($0))) }
      }
      #expect(bytes == hash.bytes)
      #expect(SHA256.hexadecimal(bytes) == hash.hexadecimal)
    }
  }

  @Test("can be read on the way and goes on afterwards")
  func readOnTheWay() {
    var hash = SHA256()
    hash.update("ab".utf8)
    _ = hash.hexadecimal
    hash.update("c".utf8)
    #expect(hash.hexadecimal == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
