#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/http/client.h"
#include "core/http/message.h"
#include "core/json/json.h"
#include "platform/aws/parameters.h"
#include "platform/aws/router.h"
#include "platform/aws/shape.h"

namespace millrace::aws {

/// REST-XML as S3 speaks it: members in the path, the query, the headers and an XML body, by the
/// tables.

/// The request's document. `body` is empty for streaming operations. Throws Error(Customer) in S3's
/// codes for text that is no value of its member's kind. An unreadable date of a condition counts
/// as absent, as RFC 9110 asks.
Json rest_request(const Route& route, const Parameters& query, const http::Headers& headers,
                  std::string_view body);

/// Status, headers and, unless the operation streams, the XML body. With `head`, Content-Length
/// becomes the announced length; elsewhere it follows from the body.
http::Response rest_response(const Service& service, const Operation& operation,
                             const Json& document, bool head);

/// The other side: what a client sends, without Host and signature, ...
http::Outgoing rest_outgoing(const Service& service, const Operation& operation,
                             const Json& document);

/// ... and what it makes of the answer.
Json rest_reply(const Operation& operation, int status, const http::Headers& headers,
                std::string_view body);

}  // namespace millrace::aws
