import NumericalCore
import Scenarios

/// Sets all but a part of an update's coordinates to zero.
package final class Sparsifier {
  private let sparsification: Compression.Sparsification
  private let dimension: Int
  /// Coordinates that are kept.
  private let kept: Int
  private let seed: UInt64
  /// A round's random order of all coordinates: the place of each.
  private var places: [UInt32] = []
  private var roundOfPlaces: Int?

  package init(_ compression: Compression, dimension: Int, seed: UInt64) {
    sparsification = compression.sparsification
    kept = compression.coordinates(of: dimension)
    self.dimension = dimension
    self.seed = seed
  }

  /// Shortens the update of a client in place.
  /// - Parameters:
  ///   - update: `count` values.
  ///   - touched: the coordinates that the values are about; nil when there is one for each.
  package func shorten(
    _ update: UnsafeMutablePointer<Float>, count: Int, touched: UnsafeBufferPointer<UInt32>?, round: Int,
    client: Int
  ) {
    switch sparsification {
    case .none: break
    case .topK: keepLargest(update, count: count)
    case .random: keepWindow(update, count: count, touched: touched, round: round, client: client)
    }
  }

  /// Keeps the values with the largest magnitudes; of equal ones the first.
  private func keepLargest(_ update: UnsafeMutablePointer<Float>, count: Int) {
    guard count > kept else { return }
    // Magnitudes are ordered like their bit patterns, so the smallest one that is kept is found bit by bit.
    func magnitude(_ j: Int) -> UInt32 { update[j].bitPattern & 0x7FFF_FFFF }
    func number(from threshold: UInt32) -> Int {
      var number = 0
      for j in 0..<count { number &+= magnitude(j) >= threshold ? 1 : 0 }
      return number
    }
    var least: UInt32 = 0
    for bit in (0..<31).reversed() where number(from: least | 1 << UInt32(bit)) >= kept {
      least |= 1 << UInt32(bit)
    }
    var equals = kept - number(from: least + 1)
    for j in 0..<count {
      if magnitude(j) > least { continue }
      if magnitude(j) == least && equals > 0 { equals -= 1 } else { update[j] = 0 }
    }
  }

  /// Keeps the coordinates in a window of the round's random order that starts at a random place, the client's own. Every
  /// coordinate is in it with the same probability, exactly `kept` are, and a coordinate is looked up without going
  /// through the others.
  private func keepWindow(
    _ update: UnsafeMutablePointer<Float>, count: Int, touched: UnsafeBufferPointer<UInt32>?, round: Int,
    client: Int
  ) {
    if roundOfPlaces != round { deal(round) }
    var stream = RandomStream(seed: seed, purpose: .coordinateWindow, round: round, client: client)
    let start = stream.nextInteger(below: dimension)
    let scale = Float(Double(dimension) / Double(kept))
    for k in 0..<count {
      let place = Int(places[touched.map { Int($0[k]) } ?? k])
      let distance = place >= start ? place - start : place - start + dimension
      update[k] = distance < kept ? update[k] * scale : 0
    }
  }

  /// Makes a round's order.
  private func deal(_ round: Int) {
    var stream = RandomStream(seed: seed, purpose: .coordinateOrder, round: round)
    places = (0..<UInt32(dimension)).map { $0 }
    places.shuffle(with: &stream)
    roundOfPlaces = round
  }
}
