import NumericalCore
import Testing

@Suite("Reading ahead")
struct ReadAheadTests {
  @Test("asks for all of the memory, once, in whole cache lines, in no more portions than there are")
  func portions() throws {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 5_000, alignment: ReadAhead.cacheLine)
    defer { memory.deallocate() }
    for bytes in [0, 1, 63, 64, 65, 640, 641, 5_000] {
      for portions in [0, 1, 2, 7, 10, 64, 1_000] {
        var ahead = ReadAhead(UnsafeRawBufferPointer(rebasing: memory[..<bytes]), portions: portions)
        var place = UnsafeRawPointer(memory.baseAddress!)
        for _ in 0..<max(1, portions) {
          let next = ahead.next()
          if next.isEmpty { break }
          #expect(next.baseAddress == place)
          #expect((place - UnsafeRawPointer(memory.baseAddress!)) % ReadAhead.cacheLine == 0)
          place += next.count
        }
        #expect(place - UnsafeRawPointer(memory.baseAddress!) == bytes, "\(bytes) bytes in \(portions)")
        #expect(ahead.next().isEmpty)
      }
    }
  }
}
