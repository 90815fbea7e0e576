#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace millrace::lists {

struct QueryToken {
  enum class Kind { End, Word, Quoted, Sign };
  Kind kind = Kind::End;
  std::string_view text;  ///< without its quotes
  std::size_t at = 0;     ///< byte of the query, from 0
};

/// The words, quoted texts and signs of a query, one after another.
class QueryTokens {
 public:
  /// Stands at the first token. Both must outlive this.
  QueryTokens(std::string_view text, std::string_view origin);

  [[nodiscard]] const QueryToken& now() const { return token_; }
  /// Throws Error(Customer) for a quote that is not closed.
  void advance();
  /// Each goes on to the next token if this is the one; case does not matter in words.
  bool take_word(std::string_view word);
  bool take_sign(std::string_view sign);

  /// Throws Error(Customer) "<origin>, character N: got <this token>, expected <expected>".
  [[noreturn]] void refuse_token(std::string expected, std::string fix = {}) const;

 private:
  std::string_view text_;
  std::string_view origin_;
  std::size_t end_ = 0;  ///< of token_
  QueryToken token_;
};

}  // namespace millrace::lists
