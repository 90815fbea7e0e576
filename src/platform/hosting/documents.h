#pragma once

#include <string>

#include "core/json/json.h"
#include "platform/records/hosting.h"

namespace millrace::hosting {

/// A request as it was accepted, in and out of its row's document.
template <class Request>
std::string document_of(const Request& request) {
  Json json;
  to_json(json, request);
  return to_text(json);
}

/// Rows are written by us; a document may be as large as a request.
inline Json json_of(const records::HostingRow& row) {
  return parse_json(row.document, "row '" + row.name + "'",
                    {.max_bytes = std::size_t{64} << 20, .max_depth = 64});
}

template <class Request>
Request request_of(const records::HostingRow& row) {
  Request request;
  from_json(json_of(row), request);
  return request;
}

}  // namespace millrace::hosting
