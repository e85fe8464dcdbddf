// SIGINT and SIGTERM as a flag.
#ifndef KEYFOLD_RUN_STOP_SIGNAL_H_
#define KEYFOLD_RUN_STOP_SIGNAL_H_

#include <atomic>

namespace keyfold {

// Set once one of the two signals has come: from the first call on they only ask the process to end. A second one ends
// it as usual.
std::atomic<bool>& StopOnSignals();

}  // namespace keyfold

#endif  // KEYFOLD_RUN_STOP_SIGNAL_H_
