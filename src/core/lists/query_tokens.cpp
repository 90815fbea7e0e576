#include "core/lists/query_tokens.h"

#include <algorithm>
#include <utility>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/lists/query_tree.h"

namespace millrace::lists {

QueryTokens::QueryTokens(std::string_view text, std::string_view origin)
    : text_(text), origin_(origin) {
  advance();
}

void QueryTokens::advance() {
  constexpr std::string_view kSpace = " \t\r\n";
  constexpr std::string_view kEndsWord = " \t\r\n(),=!<>~\"'";
  const std::size_t begin = std::min(text_.find_first_not_of(kSpace, end_), text_.size());
  token_ = {.kind = QueryToken::Kind::End, .text = {}, .at = begin};
  end_ = begin;
  if (begin == text_.size()) return;
  const char first = text_[begin];
  if (first == '"' || first == '\'') {
    const std::size_t close = text_.find(first, begin + 1);
    token_ = {.kind = QueryToken::Kind::Quoted, .text = text_.substr(begin, 1), .at = begin};
    if (close == std::string_view::npos) refuse_token("a closing quote");
    token_.text = text_.substr(begin + 1, close - begin - 1);
    end_ = close + 1;
    return;
  }
  token_.kind = QueryToken::Kind::Sign;
  for (const CompareSign& sign : kCompareSigns) {
    if (!text_.substr(begin).starts_with(sign.text)) continue;
    token_.text = text_.substr(begin, sign.text.size());
    end_ = begin + sign.text.size();
    return;
  }
  if (kEndsWord.find(first) != std::string_view::npos) {
    token_.text = text_.substr(begin, 1);
    end_ = begin + 1;
    return;
  }
  token_.kind = QueryToken::Kind::Word;
  end_ = std::min(text_.find_first_of(kEndsWord, begin), text_.size());
  token_.text = text_.substr(begin, end_ - begin);
}

bool QueryTokens::take_word(std::string_view word) {
  if (token_.kind != QueryToken::Kind::Word || !equal_ignoring_case(token_.text, word))
    return false;
  advance();
  return true;
}

bool QueryTokens::take_sign(std::string_view sign) {
  if (token_.kind != QueryToken::Kind::Sign || token_.text != sign) return false;
  advance();
  return true;
}

void QueryTokens::refuse_token(std::string expected, std::string fix) const {
  refuse(std::string(origin_) + ", character " +
             std::to_string(utf8_length(text_.substr(0, token_.at)) + 1),
         token_.kind == QueryToken::Kind::End ? "the end" : token_.text, std::move(expected),
         std::move(fix));
}

}  // namespace millrace::lists
