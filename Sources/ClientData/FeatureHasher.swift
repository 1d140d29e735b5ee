import Scenarios

/// Turns a raw market record into coordinates of the model by the hashing trick (Weinberger et al. 2009).
struct FeatureHasher: Sendable {
  /// The raw record, which never leaves the worker.
  struct Record {
    let item: Int
    let category: Int
    let price: Int
    let popularity: Int
    let segment: Int
    let budget: Int
    let hour: Int

    subscript(field: Features.Field) -> Int {
      switch field {
      case .item: item
      case .category: category
      case .price: price
      case .popularity: popularity
      case .segment: segment
      case .budget: budget
      case .hour: hour
      }
    }
  }

  private let groups: [[Features.Field]]
  private let groupSalts: [UInt64]
  private let hashed: UInt64

  /// The bias and one coordinate a group.
  var featuresPerExample: Int { groups.count + 1 }

  init(_ features: Features) {
    groups = features.groups
    // The salt is made of the group's fields, not of its place, so reordering groups changes no coordinate.
    groupSalts = groups.map { fields in
      fields.reduce(0x6665_6473_696D) { hash, field in
        field.rawValue.utf8.reduce(Self.mix(hash ^ 0x2A)) { Self.mix($0 ^ UInt64($1)) }
      }
    }
    hashed = UInt64(features.hashedDimension - 1)
  }

  /// Appends the coordinates of one example, the bias first.
  func append(_ record: Record, to coordinates: inout [UInt32]) {
    coordinates.append(0)
    for (fields, salt) in zip(groups, groupSalts) {
      let hash = fields.reduce(salt) { Self.mix($0 ^ UInt64(record[$1])) }
      coordinates.append(1 + UInt32(hash.multipliedFullWidth(by: hashed).high))
    }
  }

  /// A bijective mixer: the finaliser of SplitMix64 (Steele, Lea and Flood 2014) after an odd increment.
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
