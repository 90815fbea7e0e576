#pragma once

#include <string>

#include "core/http/message.h"
#include "core/json/json.h"
#include "platform/aws/parameters.h"
#include "platform/aws/router.h"

namespace millrace::aws {

/// What AWS's JSON protocols carry as a body; an empty object for an empty one. Throws
/// Error(Customer, SerializationException) for what is no JSON object.
Json json_document(const std::string& body);

/// A request of the REST-JSON protocol: members in the path, the query and the headers as in
/// REST-XML (rest_xml.h), the others in a JSON object. `body` is empty for streaming operations.
/// Throws as json_document() and rest_request() do.
Json rest_json_request(const Route& route, const Parameters& query, const http::Headers& headers,
                       const std::string& body);

}  // namespace millrace::aws
