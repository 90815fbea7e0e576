#include "core/http/arrival.h"

namespace millrace::http {
namespace {

thread_local std::chrono::steady_clock::time_point arrived{};

}  // namespace

std::chrono::steady_clock::time_point request_arrival() {
  return arrived;
}

Arrival::Arrival() {
  arrived = std::chrono::steady_clock::now();
}

Arrival::~Arrival() {
  arrived = {};
}

}  // namespace millrace::http
