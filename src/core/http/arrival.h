#pragma once

#include <chrono>

namespace millrace::http {

/// When the request that this thread is answering had come: its head, and its body where that comes
/// whole (ServerOptions::whole_body_bytes). A handler runs on the thread that has read its request.
/// The clock's epoch on a thread that answers none.
std::chrono::steady_clock::time_point request_arrival();

/// Sets it for as long as it lives.
class Arrival {
 public:
  Arrival();
  Arrival(const Arrival&) = delete;
  Arrival& operator=(const Arrival&) = delete;
  ~Arrival();
};

}  // namespace millrace::http
