// The threads on which questions are answered, and the queue before them.
#ifndef KEYFOLD_GATEWAY_HANDLER_POOL_H_
#define KEYFOLD_GATEWAY_HANDLER_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace keyfold {

// Thread-safe.
class HandlerPool {
 public:
  HandlerPool(int64_t threads, int64_t queue_max);
  ~HandlerPool();

  HandlerPool(const HandlerPool&) = delete;
  HandlerPool& operator=(const HandlerPool&) = delete;

  // False, and the task is not run: as many wait as may, or the pool has ended.
  bool Submit(std::function<void()> task);

  // Waits for the tasks that run, and drops those that wait.
  void Stop();

 private:
  void Run();

  const size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace keyfold

#endif  // KEYFOLD_GATEWAY_HANDLER_POOL_H_
