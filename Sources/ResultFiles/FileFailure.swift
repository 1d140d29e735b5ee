import Foundation

/// Why a file or folder cannot be used or written, in words for its user.
package struct FileFailure: Error, Equatable, CustomStringConvertible {
  package enum Kind: Sendable {
    /// Found before any work was done: the command line is wrong, and not the work.
    case refusal
    /// The same, because another process is at work there.
    case busy
    /// Found when work was done.
    case failure
  }

  package let description: String
  package let kind: Kind

  package init(_ description: String, _ kind: Kind = .failure) {
    self.description = description
    self.kind = kind
  }
}

/// What a system call answered.
struct SystemError: Error {
  let number: Int32

  /// The error of the call that has just failed.
  static var last: SystemError { SystemError(number: errno) }
}

/// Why something failed, in a few plain words.
package func reason(_ error: any Error) -> String {
  if let error = error as? FileFailure { return error.description }
  if let error = error as? SystemError { return plainWords(error.number) }
  // Foundation wraps what the system said, sometimes twice.
  var next: NSError? = error as NSError
  while let one = next {
    if one.domain == NSPOSIXErrorDomain { return plainWords(Int32(one.code)) }
    next = one.userInfo[NSUnderlyingErrorKey] as? NSError
  }
  return (error as? CocoaError).flatMap(plainWords) ?? (error as NSError).localizedDescription
}

private func plainWords(_ number: Int32) -> String {
  switch number {
  case ENOSPC: "the disk is full"
  case EDQUOT: "the disk quota is used up"
  case EFBIG: "it is larger than a file may be here"
  case EACCES, EPERM: "there is no permission"
  case EROFS: "the file system is read-only"
  case ENAMETOOLONG: "the name is too long"
  case ENOTDIR: "a part of the path is a file, not a folder"
  case ENOENT: "there is no such file or folder"
  case EEXIST, ENOTEMPTY: "something is there already"
  case EISDIR: "it is a folder, not a file"
  case ELOOP: "symbolic links lead in a circle, or nowhere"
  case EMFILE, ENFILE: "too many files are open"
  default: String(cString: strerror(number))
  }
}

private func plainWords(_ error: CocoaError) -> String? {
  switch error.code {
  case .fileWriteOutOfSpace: plainWords(ENOSPC)
  case .fileWriteNoPermission, .fileReadNoPermission: plainWords(EACCES)
  case .fileWriteVolumeReadOnly: plainWords(EROFS)
  case .fileWriteFileExists: plainWords(EEXIST)
  case .fileWriteInvalidFileName, .fileReadInvalidFileName: plainWords(ENAMETOOLONG)
  case .fileNoSuchFile, .fileReadNoSuchFile: plainWords(ENOENT)
  default: nil
  }
}
