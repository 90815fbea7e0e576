#include "platform/console/sign_in_gate.h"

#include <algorithm>

namespace millrace::console {
namespace {

constexpr int kFreeFailures = 5;
constexpr std::chrono::seconds kLongestWait{60};
constexpr std::size_t kMaxClients = 10'000;
constexpr std::chrono::hours kForgotten{1};

}  // namespace

std::optional<std::chrono::seconds> SignInGate::wait(const std::string& client) const {
  const Time at = clock_();
  return clients_.with([&](const auto& clients) -> std::optional<std::chrono::seconds> {
    const auto found = clients.find(client);
    if (found == clients.end() || at >= found->second.next) return std::nullopt;
    return std::chrono::ceil<std::chrono::seconds>(found->second.next - at);
  });
}

void SignInGate::failed(const std::string& client) {
  const Time at = clock_();
  clients_.with([&](auto& clients) {
    if (clients.size() >= kMaxClients)
      std::erase_if(clients, [&](const auto& entry) { return at >= entry.second.next; });
    if (clients.size() >= kMaxClients) clients.clear();
    Record& record = clients[client];
    if (record.failures > 0 && at >= record.next + kForgotten) record.failures = 0;
    ++record.failures;
    record.next = at;
    if (record.failures < kFreeFailures) return;
    const int doublings = std::min(record.failures - kFreeFailures, 6);
    record.next = at + std::min(kLongestWait, std::chrono::seconds(1 << doublings));
  });
}

void SignInGate::succeeded(const std::string& client) {
  clients_.with([&](auto& clients) { clients.erase(client); });
}

}  // namespace millrace::console
