import Coordinator
import Foundation
import Synchronization

/// Something to compute on workers.
protocol QueuedTask: Sendable {
  /// Tasks with the same clients share it: a worker that holds them need not make them again.
  var clients: String { get }
  /// For people.
  var label: String { get }
}

extension Array where Element: QueuedTask {
  /// The tasks of each population together, in the order in which they first occur.
  var byClients: [(clients: String, tasks: [Element])] {
    var groups: [(clients: String, tasks: [Element])] = []
    for task in self {
      if let index = groups.firstIndex(where: { $0.clients == task.clients }) {
        groups[index].tasks.append(task)
      } else {
        groups.append((task.clients, [task]))
      }
    }
    return groups
  }
}

/// Tasks that several threads take from, each with a worker process of its own. Nothing about the results depends on who
/// takes what.
final class TaskQueue<Task: QueuedTask>: Sendable {
  /// Where the work stands.
  struct Progress: Sendable {
    var done = 0
    let total: Int
    var slowest: (label: String, seconds: Double)?
  }

  private struct State {
    /// Tasks that nobody has taken, by their clients, in the order of the plan.
    var waiting: [(clients: String, tasks: [Task])]
    var progress: Progress
    var failure: (any Error)?
  }

  private let state: Mutex<State>

  init(_ tasks: [Task]) {
    state = Mutex(State(waiting: tasks.byClients, progress: Progress(total: tasks.count)))
  }

  var progress: Progress { state.withLock { $0.progress } }
  var failure: (any Error)? { state.withLock { $0.failure } }

  /// The next task: one with the clients that the caller's worker already holds, or else the first of the longest list
  /// of another population, so that populations are shared only at the end.
  /// - Returns: nil when there is none, or when a task failed.
  func next(after last: Task?) -> Task? {
    state.withLock { state in
      guard state.failure == nil else { return nil }
      let same = state.waiting.firstIndex { $0.clients == last?.clients }
      let longest = state.waiting.indices.max {
        (state.waiting[$0].tasks.count, $1) < (state.waiting[$1].tasks.count, $0)
      }
      guard let index = same ?? longest else { return nil }
      let task = state.waiting[index].tasks.removeFirst()
      if state.waiting[index].tasks.isEmpty { state.waiting.remove(at: index) }
      return task
    }
  }

  func finish(_ task: Task, seconds: Double) {
    state.withLock { state in
      state.progress.done += 1
      if seconds > state.progress.slowest?.seconds ?? 0 { state.progress.slowest = (task.label, seconds) }
    }
  }

  /// Ends the work; the first reason is kept.
  func fail(_ error: any Error) { state.withLock { if $0.failure == nil { $0.failure = error } } }

  /// Works until nothing is left, or something fails.
  /// - Parameters:
  ///   - threads: tasks at a time, each with a process.
  ///   - body: carries a task out on a thread's own workers.
  ///   - whileWaiting: called on this thread ten times a second.
  func run(
    threads: Int, pool: @escaping @Sendable () throws -> WorkerPool,
    body: @escaping @Sendable (Task, WorkerPool) throws -> Void, whileWaiting: () -> Void
  ) {
    let group = DispatchGroup()
    for _ in 0..<threads {
      group.enter()
      let thread = Thread {
        defer { group.leave() }
        var last: Task?
        do {
          let pool = try pool()
          defer { pool.stop() }
          while let task = self.next(after: last) {
            let start = ContinuousClock.now
            try body(task, pool)
            self.finish(task, seconds: (ContinuousClock.now - start).seconds)
            last = task
          }
        } catch {
          self.fail(error)
        }
      }
      // The accountants recurse a little; the default of secondary threads is small on some systems.
      thread.stackSize = 8 << 20
      thread.start()
    }
    while group.wait(timeout: .now() + .milliseconds(100)) == .timedOut { whileWaiting() }
  }
}
