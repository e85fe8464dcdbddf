// The header `traceparent` of W3C Trace Context (https://www.w3.org/TR/trace-context/#traceparent-header).
#ifndef KEYFOLD_EVENT_TRACE_PARENT_H_
#define KEYFOLD_EVENT_TRACE_PARENT_H_

#include <string_view>

namespace keyfold {

inline constexpr char kTraceParentHeader[] = "traceparent";

// `text` if it names a trace, as version 00 writes it; else empty: who cannot read it has to go on as if there were
// none.
std::string_view TraceParent(std::string_view text);

}  // namespace keyfold

#endif  // KEYFOLD_EVENT_TRACE_PARENT_H_
