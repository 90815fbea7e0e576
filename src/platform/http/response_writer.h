#pragma once

#include "platform/http/message.h"
#include "platform/http/socket.h"

namespace millrace::http {

/// What of the request decides the form of its answer.
struct AnswerForm {
  bool to_head = false;   ///< the request was HEAD: the head only
  int minor_version = 1;  ///< HTTP/1.0 has no chunked coding
  bool keep_alive = true;
};

/// Sends `response` whole. False when the connection must be closed after it because its end is
/// marked by that. Throws Error when the peer breaks off or a stream ends before its length.
bool write_response(Socket& socket, Response& response, const AnswerForm& form);

/// "Not Found" for 404; "Unknown" for a status without a standard phrase.
const char* reason_phrase(int status);

}  // namespace millrace::http
