// What the programs of this folder share.
#ifndef KEYFOLD_TESTS_BENCH_BROKER_PROGRAM_H_
#define KEYFOLD_TESTS_BENCH_BROKER_PROGRAM_H_

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace keyfold {

// Standard output is for results. To be called once, first of all.
inline void LogToStandardError() { spdlog::set_default_logger(spdlog::stderr_logger_mt("bench")); }

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_BENCH_BROKER_PROGRAM_H_
