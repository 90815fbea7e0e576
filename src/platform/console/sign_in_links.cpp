#include "platform/console/sign_in_links.h"

#include <algorithm>
#include <utility>

#include "platform/aws/access.h"
#include "platform/console/sessions.h"

namespace millrace::console {
namespace {

constexpr std::size_t kMaxLinks = 10'000;

}  // namespace

void SignInLinks::set_endpoint(const std::string& endpoint) {
  std::string reachable = endpoint;
  for (const auto& [all, loopback] :
       {std::pair<std::string_view, std::string_view>{"//0.0.0.0:", "//127.0.0.1:"},
        {"//[::]:", "//[::1]:"}}) {
    if (const std::size_t at = reachable.find(all); at != std::string::npos)
      reachable.replace(at, all.size(), loopback);
  }
  state_.with([&](State& state) { state.endpoint = reachable; });
}

std::string SignInLinks::issue(const std::string& access_key) {
  const std::string token = new_secret();
  const Time at = clock_();
  const std::string endpoint = state_.with([&](State& state) {
    std::erase_if(state.links, [&](const auto& entry) { return at >= entry.second.expires; });
    if (state.links.size() >= kMaxLinks) {
      state.links.erase(std::min_element(
          state.links.begin(), state.links.end(),
          [](const auto& a, const auto& b) { return a.second.expires < b.second.expires; }));
    }
    state.links.emplace(kept_form(token),
                        Link{.access_key = access_key, .expires = at + kLifetime});
    return state.endpoint;
  });
  return endpoint + "/console/#token=" + token;
}

std::optional<std::string> SignInLinks::redeem(std::string_view token) {
  return state_.with([&](State& state) -> std::optional<std::string> {
    const auto found = state.links.find(kept_form(token));
    if (found == state.links.end()) return std::nullopt;
    const Link link = std::move(found->second);
    state.links.erase(found);
    if (clock_() >= link.expires) return std::nullopt;
    return link.access_key;
  });
}

wire::control::CreateConsoleLinkResponse SignInLinks::create(
    const wire::control::CreateConsoleLinkRequest& /*request*/, const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:CreateConsoleLink");
  const Time expires = clock_() + kLifetime;
  return {.url = issue(caller.access_key), .expires_at = expires};
}

}  // namespace millrace::console
