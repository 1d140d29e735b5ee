import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Does something on a thread of its own that works in a folder of its own, as do the threads that it starts. The folder of the
/// process, and so of tests that run beside this one, stays what it is.
/// - Returns: what `body` returned; nil where the system has no such threads, or does not let this process have one.
public func onThread<Value: Sendable>(
  in folder: URL, _ body: @escaping @Sendable () -> Value
) -> Value? {
  guard let leaveProcessFolder else { return nil }
  let outcome = Mutex<Value?>(nil)
  let end = DispatchSemaphore(value: 0)
  let thread = Thread {
    if leaveProcessFolder(shareFolder) == 0, chdir(folder.path) == 0 {
      let value = body()
      outcome.withLock { $0 = value }
    }
    end.signal()
  }
  // As much as the main thread of a process has.
  thread.stackSize = 8 << 20
  thread.start()
  end.wait()
  return outcome.withLock { $0 }
}

/// Linux's unshare(2), which Swift does not import.
private let leaveProcessFolder: (@convention(c) @Sendable (Int32) -> Int32)? = {
  #if os(Linux)
    dlsym(nil, "unshare").map { unsafeBitCast($0, to: (@convention(c) @Sendable (Int32) -> Int32).self) }
  #else
    nil
  #endif
}()

/// CLONE_FS: the working folder, the root, and the mask of new files.
private let shareFolder: Int32 = 0x200
