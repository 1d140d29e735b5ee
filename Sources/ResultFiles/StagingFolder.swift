import Foundation

/// A folder that is filled beside the place it is for. Whoever holds the lock of the place is alone in it.
package struct StagingFolder: Sendable {
  package let url: URL
  private let place: ResultPlace

  /// Makes the folder, and removes one that a killed process has left.
  /// - Parameter isKnown: whether a file of a leftover shows by itself that fedsim wrote it.
  init(_ place: ResultPlace, command: String, version: String, isKnown: KnownFile = { _, _ in false }) throws {
    self.place = place
    url = place.url.deletingLastPathComponent().appendingPathComponent(".\(place.url.lastPathComponent).part")
    if try FileSystem.kind(url.path) != nil { try removeLeftover(isKnown) }
    guard mkdir(url.path, 0o777) == 0 else { throw SystemError.last }
    do {
      try FolderManifest(command: command, version: version, isPartial: true).write(into: url)
    } catch {
      remove()
      throw error
    }
  }

  private func removeLeftover(_ isKnown: KnownFile) throws {
    let manifest = FolderManifest(in: url)
    if manifest?.isPartial == true { return try FileManager.default.removeItem(at: url) }
    guard try manifest?.remove(url, isKnown: isKnown) == true else {
      throw FileFailure("\(url.path) is in the way; look into it and remove it")
    }
  }

  /// Gives the folder up.
  package func remove() { try? FileManager.default.removeItem(at: url) }

  /// Puts the folder into its place, or, where something else has come to stand there, beside it.
  /// - Parameter isKnown: whether a file of the old folder shows by itself that fedsim wrote it.
  /// - Returns: where it is now, as the user would write it.
  /// - Throws: `FileFailure`; what was at the place is still there then.
  package func takePlace(replaces: Bool, isKnown: KnownFile = { _, _ in false }) throws -> String {
    do {
      let occupant = Result { try place.occupant(isKnown: isKnown) }
      switch occupant {
      case .success(.nothing), .success(.emptyFolder):
        try FileSystem.move(url.path, to: place.url.path)
        return place.path
      case .success(.own(let manifest)) where replaces:
        try FileSystem.exchange(url, place.url)
        if try !manifest.remove(url, isKnown: isKnown) { try setAside() }
        return place.path
      case .success(.own), .failure:
        let free = ResultFolder.freePath(place.path)
        place.note("\(place.path): something has come to stand there; the results are in \(free)")
        try FileSystem.move(url.path, to: free)
        return free
      }
    } catch {
      remove()
      throw FileFailure("\(place.path): cannot be written: \(reason(error))")
    }
  }

  /// Somebody wrote into the old folder while it was replaced: what is not fedsim's is kept where it is seen.
  private func setAside() throws {
    let kept = ResultFolder.freePath(place.path + "-kept")
    try FileSystem.move(url.path, to: kept)
    place.note("\(place.path): what fedsim did not write there is in \(kept)")
  }
}
