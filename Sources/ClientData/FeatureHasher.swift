import Scenarios

/// Turns a raw market record into coordinates of the model.
struct FeatureHasher: Sendable {
  /// The raw record, which never leaves the worker.
  struct Record {
    let item: Int
    let category: Int
    let price: Int
    let popularity: Int
    var segment: Int
    var budget: Int
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
  /// Bands that are left of the price, of how many there are; nil: all.
  private let priceBands: (left: Int, all: Int)?
  /// Parts that are left of the day; nil: all 24 hours.
  private let hourBands: Int?
  private let groupSalts: [UInt64]
  private let trick: HashingTrick

  /// The bias and one coordinate a group.
  var featuresPerExample: Int { groups.count + 1 }

  /// - Parameters:
  ///   - minimisation: what is held back of a record.
  ///   - priceBands: that a record tells apart.
  init(_ features: Features, minimisation: Minimisation?, priceBands: Int) {
    groups = features.groups.filter { minimisation?.allows($0) ?? true }
    self.priceBands = minimisation?.priceBands.map { ($0, priceBands) }
    hourBands = minimisation?.hourBands
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
      coordinates.append(
        trick.coordinate(fields.reduce(salt) { HashingTrick.mix($0 ^ UInt64(value(of: $1, in: record))) }))
    }
  }

  /// A field as coarse as it leaves the record.
  @inline(__always)
  private func value(of field: Features.Field, in record: Record) -> Int {
    if field == .price, let priceBands { return record.price * priceBands.left / priceBands.all }
    if field == .hour, let hourBands { return record.hour * hourBands / 24 }
    return record[field]
  }
}
