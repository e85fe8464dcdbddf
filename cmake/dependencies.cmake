# Everything comes from Debian packages: tools/setup installs them.
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(absl REQUIRED)
find_package(GTest REQUIRED)
find_package(rapidcheck REQUIRED)
find_package(benchmark REQUIRED)
find_package(RocksDB REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Boost 1.74 REQUIRED)  # headers: Asio, Beast
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CURL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(rdkafka REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(prometheus REQUIRED IMPORTED_TARGET prometheus-cpp-core)  # its own package wants the rest, too
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
find_package(LibArchive REQUIRED)  # exports as they come: .gz, .zip
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
find_program(ESBUILD esbuild REQUIRED)                                          # the page: bundles and minifies it
find_path(REACT_DOM react-dom/client.js PATHS /usr/share/nodejs NO_DEFAULT_PATH REQUIRED)  # what it is written with
