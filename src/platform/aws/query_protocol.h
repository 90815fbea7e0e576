#pragma once

#include <string>
#include <string_view>

#include "core/json/json.h"
#include "platform/aws/parameters.h"
#include "platform/aws/shape.h"

namespace millrace::aws {

/// The Query protocol (STS, IAM, older CloudWatch): Action=GetRole&RoleName=R, lists as Name.member.1, answers in XML.

/// The request's document. Throws Error(Customer, ValidationError) for text that is no value of its member's kind.
Json query_request(const Operation& operation, const Parameters& parameters);

/// <GetRoleResponse><GetRoleResult>...</GetRoleResult><ResponseMetadata>...
std::string query_response(const Service& service, const Operation& operation, const Json& document,
                           std::string_view request_id);

/// The other side: the form body that a client sends, ...
std::string query_outgoing(const Service& service, const Operation& operation, const Json& document);

/// ... and what it makes of the answer.
Json query_reply(const Operation& operation, std::string_view body);

}  // namespace millrace::aws
