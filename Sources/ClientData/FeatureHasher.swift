import Scenarios

/// Turns a raw market record into coordinates of the model.
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
  private let trick: HashingTrick

  /// The bias and one coordinate a group.
  var featuresPerExample: Int { groups.count + 1 }

  init(_ features: Features) {
    groups = features.groups
    // The salt is made of the group's fields, not of its place, so reordering groups changes no coordinate.
    groupSalts = groups.map { fields in
      fields.reduce(0x6665_6473_696D) { HashingTrick.hash($1.rawValue, from: $0) }
    }
    trick = HashingTrick(dimension: features.hashedDimension)
  }

  /// Appends the coordinates of one example, the bias first.
  func append(_ record: Record, to coordinates: inout [UInt32]) {
    coordinates.append(0)
    for (fields, salt) in zip(groups, groupSalts) {
      coordinates.append(trick.coordinate(fields.reduce(salt) { HashingTrick.mix($0 ^ UInt64(record[$1])) }))
    }
  }
}
