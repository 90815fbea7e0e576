#include "platform/console/sessions.h"

#include <algorithm>

#include "core/base/random.h"
#include "platform/aws/digest.h"

namespace millrace::console {
namespace {

constexpr std::size_t kSecretBytes = 32;

}  // namespace

std::string kept_form(std::string_view secret) {
  return aws::sha256(secret);
}

std::string new_secret() {
  return random_hex(kSecretBytes);
}

Time Session::expires() const {
  return opened + Sessions::kLifetime;
}

bool Sessions::ended(const Session& session) const {
  const Time at = clock_();
  return at >= session.expires() || at >= session.last_used + kIdle;
}

Sessions::Opened Sessions::open(const std::string& access_key) {
  const Time at = clock_();
  Opened opened{
      .id = new_secret(),
      .session = {
          .access_key = access_key, .csrf_token = new_secret(), .opened = at, .last_used = at}};
  table_.with([&](Table& table) {
    std::erase_if(table, [&](const auto& entry) { return ended(entry.second); });
    std::size_t of_key = 0;
    auto oldest = table.end();
    for (auto entry = table.begin(); entry != table.end(); ++entry) {
      if (entry->second.access_key != access_key) continue;
      ++of_key;
      if (oldest == table.end() || entry->second.last_used < oldest->second.last_used)
        oldest = entry;
    }
    if (of_key >= kMaxOfKey) table.erase(oldest);
    table.emplace(kept_form(opened.id), opened.session);
  });
  return opened;
}

std::optional<Session> Sessions::use(std::string_view id) {
  return table_.with([&](Table& table) -> std::optional<Session> {
    const auto found = table.find(kept_form(id));
    if (found == table.end()) return std::nullopt;
    if (ended(found->second)) {
      table.erase(found);
      return std::nullopt;
    }
    found->second.last_used = clock_();
    return found->second;
  });
}

bool Sessions::lives(std::string_view id) const {
  return table_.with([&](const Table& table) {
    const auto found = table.find(kept_form(id));
    return found != table.end() && !ended(found->second);
  });
}

void Sessions::close(std::string_view id) {
  table_.with([&](Table& table) { table.erase(kept_form(id)); });
}

}  // namespace millrace::console
