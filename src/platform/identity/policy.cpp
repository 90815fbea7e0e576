#include "platform/identity/policy.h"

#include <algorithm>
#include <string>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

namespace millrace::identity {
namespace {

constexpr JsonLimits kLimits{.max_bytes = 1U << 16, .max_depth = 8, .max_members = 100};

[[noreturn]] void malformed(const std::string& where, const std::string& what) {
  throw Error(Blame::Customer, "MalformedPolicyDocument", where + " " + what);
}

/// A string or a list of them.
std::vector<std::string> strings(const Json& value, const std::string& where) {
  const Json list = value.is_array() ? value : Json::array({value});
  std::vector<std::string> texts;
  for (const Json& entry : list) {
    if (!entry.is_string()) malformed(where, "must be a string or a list of strings.");
    texts.push_back(entry.get<std::string>());
    if (texts.back().find("${") != std::string::npos) {
      malformed(where, "holds the policy variable '" + printable(texts.back(), 80) +
                           "', and variables are not supported. Write the value itself.");
    }
  }
  if (texts.empty()) malformed(where, "is empty. Name at least one.");
  return texts;
}

enum class Of { Identity, Resource };

/// "*" or {"AWS": ...}.
std::vector<std::string> principals_of(const Json& value, const std::string& where) {
  if (value == "*") return {"*"};
  if (!value.is_object() || value.empty()) malformed(where, "must be \"*\" or {\"AWS\": ...}.");
  for (const auto& [kind, names] : value.items()) {
    if (kind != "AWS")
      malformed(where + "." + printable(kind, 40), "is not supported: of principals AWS are.");
  }
  return strings(value.at("AWS"), where + ".AWS");
}

PolicyStatement statement_of(const Json& json, const std::string& where, Of of) {
  if (!json.is_object()) malformed(where, "must be an object.");
  PolicyStatement statement;
  bool has_effect = false;
  for (const auto& [member, value] : json.items()) {
    if (member == "Sid") {
      if (!value.is_string()) malformed(where + ".Sid", "must be a string.");
    } else if (member == "Effect") {
      if (value != "Allow" && value != "Deny")
        malformed(where + ".Effect", "must be Allow or Deny.");
      statement.allow = value == "Allow";
      has_effect = true;
    } else if (member == "Principal" && of == Of::Resource) {
      statement.principals = principals_of(value, where + ".Principal");
    } else if (member == "Action") {
      statement.actions = strings(value, where + ".Action");
    } else if (member == "Resource") {
      statement.resources = strings(value, where + ".Resource");
    } else {
      malformed(
          where + "." + printable(member, 40),
          "is not supported: of a statement Sid, Effect, Action and Resource are. A policy is "
          "kept whole or not at all, so rewrite it without.");
    }
  }
  if (of == Of::Resource && statement.principals.empty())
    malformed(where, "needs a Principal, \"*\" or {\"AWS\": ...}.");
  if (!has_effect) malformed(where, "needs an Effect, Allow or Deny.");
  if (statement.actions.empty()) malformed(where, "needs an Action, such as s3:GetObject.");
  if (statement.resources.empty())
    malformed(where, "needs a Resource, such as * or arn:aws:s3:::bucket/*.");
  for (const std::string& action : statement.actions) {
    if (action != "*" && action.find(':') == std::string::npos) {
      malformed(where + ".Action",
                "'" + printable(action, 80) +
                    "' must be * or <service>:<operation>, such as s3:GetObject.");
    }
  }
  return statement;
}

/// Whether `pattern`, with * for any text and ? for any character, is all of `text`. Takes time
/// proportional to the product of their lengths at worst.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool names_action(const PolicyStatement& statement, const std::string& action) {
  return std::any_of(
      statement.actions.begin(), statement.actions.end(),
      [&](const std::string& pattern) { return matches(to_lower(pattern), to_lower(action)); });
}

/// Whether anything that begins with `beginning` could match the pattern.
bool touches(std::string_view pattern, std::string_view beginning) {
  const std::string_view literal = pattern.substr(0, pattern.find_first_of("*?"));
  const std::size_t common = std::min(literal.size(), beginning.size());
  return literal.substr(0, common) == beginning.substr(0, common);
}

bool names_resource(const PolicyStatement& statement, const std::string& resource) {
  // Only what stands for many ends so; the key of an object that ends in a star is then treated as
  // if it did, which can refuse too much and never too little.
  const bool many = resource.size() > 1 && resource.ends_with('*');
  return std::any_of(
      statement.resources.begin(), statement.resources.end(), [&](const std::string& pattern) {
        if (many && !statement.allow)
          return touches(pattern, std::string_view(resource).substr(0, resource.size() - 1));
        return matches(pattern, resource);
      });
}

}  // namespace

namespace {

Policy parse(std::string_view document, Of of) {
  const std::size_t limit = of == Of::Identity ? kMaxPolicyBytes : kMaxResourcePolicyBytes;
  if (document.size() > limit) {
    malformed("The policy", "has " + std::to_string(document.size()) + " bytes; the limit is " +
                                std::to_string(limit) + ".");
  }
  Json json;
  try {
    json = parse_json(document, "policy", kLimits);
  } catch (const Error& error) {
    malformed("The policy is no JSON:", error.what());
  }
  if (!json.is_object()) malformed("The policy", "must be an object.");
  Policy policy;
  bool has_version = false;
  for (const auto& [member, value] : json.items()) {
    if (member == "Version") {
      if (value != "2012-10-17" && value != "2008-10-17")
        malformed("Version", "must be 2012-10-17.");
      has_version = true;
    } else if (member == "Id") {
      if (!value.is_string()) malformed("Id", "must be a string.");
    } else if (member == "Statement") {
      const Json list = value.is_array() ? value : Json::array({value});
      for (std::size_t i = 0; i < list.size(); ++i)
        policy.statements.push_back(
            statement_of(list[i], "Statement[" + std::to_string(i) + "]", of));
    } else {
      malformed(printable(member, 40),
                "is not a member of a policy: Version, Id and Statement are.");
    }
  }
  if (!has_version) malformed("The policy", "needs \"Version\": \"2012-10-17\".");
  if (policy.statements.empty()) malformed("The policy", "needs at least one Statement.");
  return policy;
}

/// Whether a principal of a policy is the caller. Sessions of users are known by their user.
bool is_principal(const std::string& principal, const aws::Caller& caller) {
  const std::string iam = "arn:aws:iam::" + caller.account + ":";
  if (principal == "*" || principal == caller.account || principal == iam + "root" ||
      principal == caller.arn) {
    return true;
  }
  if (!caller.user.empty() && equal_ignoring_case(principal, iam + "user/" + caller.user))
    return true;
  // arn:aws:sts::<account>:assumed-role/<role>/<session> is a session of <role>.
  const std::string session = "arn:aws:sts::" + caller.account + ":assumed-role/";
  if (!caller.arn.starts_with(session)) return false;
  const std::string role =
      caller.arn.substr(session.size(), caller.arn.rfind('/') - session.size());
  return principal == iam + "role/" + role;
}

}  // namespace

Policy parse_policy(std::string_view document) {
  return parse(document, Of::Identity);
}

Policy parse_resource_policy(std::string_view document) {
  return parse(document, Of::Resource);
}

Policy statements_for(const Policy& policy, const aws::Caller& caller) {
  Policy chosen;
  for (const PolicyStatement& statement : policy.statements) {
    const bool named =
        std::any_of(statement.principals.begin(), statement.principals.end(),
                    [&](const std::string& principal) { return is_principal(principal, caller); });
    if (named) chosen.statements.push_back(statement);
  }
  return chosen;
}

Verdict verdict_of(const std::vector<Policy>& policies, const aws::ResourceAccess& access) {
  Verdict verdict = Verdict::NotMentioned;
  for (const Policy& policy : policies) {
    for (const PolicyStatement& statement : policy.statements) {
      if (!names_action(statement, access.action) || !names_resource(statement, access.resource))
        continue;
      if (!statement.allow) return Verdict::Denied;
      verdict = Verdict::Allowed;
    }
  }
  return verdict;
}

}  // namespace millrace::identity
