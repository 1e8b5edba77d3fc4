"""Tells names from words, token by token: a column may have any name; what is not the dialect's is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from tidemill.errors import ExpressionError
from tidemill.spec.dialect import CASTS, FUNCTIONS, JOINING, SYMBOLS
from tidemill.spec.nearest import nearest

if TYPE_CHECKING:
    from sqlglot import Token, TokenType

CALL = "dialect_"
"""Put before a function's name, so that sqlglot reads every call the same plain way, whatever it knows of that name."""

OPEN = "("
"""Put before the text, so that sqlglot takes no first word for a command and swallows the rest; places count from 1."""

LITERALS = frozenset({"null", "true", "false"})
TYPED_LITERALS = frozenset({"interval", "date", "timestamp"})
OPERATORS = SYMBOLS | {"."}
COMPARED = frozenset({"in", "like", "between"})


def marked(text: str) -> list[Token]:
    """The tokens with every column name marked as a name and every cast, date and interval written as a call.

    ExpressionError `does-not-parse`, `not-in-dialect` or `unknown-function`, each with text and position (from 1).
    """
    from sqlglot.dialects.duckdb import DuckDB
    from sqlglot.errors import TokenError

    try:
        tokens = DuckDB().tokenize(OPEN + text)[1:]
    except TokenError as error:
        raise ExpressionError(
            "does-not-parse", text=text, position=None, found="an unclosed quote or comment"
        ) from error
    return Marking(text, tokens).run()


class Marking:
    """One walk over the tokens, which always knows whether an operand or an operator comes next."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        from sqlglot import Token, TokenType

        self.text = text
        self.tokens = tokens
        self.make = Token
        self.kinds = TokenType
        self.at = 0
        self.out: list[Token] = []
        self.operand_next = True
        self.parentheses = 0
        self.cases = 0

    def run(self) -> list[Token]:
        """The tokens as sqlglot's parser is to see them."""
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.comments:
                raise ExpressionError("not-in-dialect", text=self.text, construct="a comment", position=None)
            if self.operand_next:
                self._operand(token)
            else:
                self._operator(token)
        return self.out

    def _operand(self, token: Token) -> None:
        """Where a value begins: a literal, a name, a call, a sign, an opening parenthesis, `not` or `case`."""
        word = self._word(token)
        following = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None
        if token.token_type in {self.kinds.STRING, self.kinds.NUMBER, self.kinds.IDENTIFIER}:
            self._keep(token, operand_next=False)
        elif token.text == "(":
            self.parentheses += 1
            self._keep(token, operand_next=True)
        elif token.text in {"+", "-"} or word == "not" or (word == "when" and self._came("case")):
            self._keep(token, operand_next=True)
        elif token.text == ")" and self.out[-1:] and self.out[-1].text == "(":
            self.parentheses -= 1
            self._keep(token, operand_next=False)
        elif not word:
            self._refuse(token)
        elif self._came("."):
            self._name(token)
        elif word in TYPED_LITERALS and following and following.token_type == self.kinds.STRING:
            self._typed_literal(word, following)
        elif word == "case":
            self.cases += 1
            self._keep(token, operand_next=True)
        elif word in LITERALS:
            self._keep(token, operand_next=False)
        elif following and following.text == "(":
            self._call(token, word)
        else:
            self._name(token)

    def _operator(self, token: Token) -> None:
        """Where a value has ended: an operator, a closing parenthesis, the next part of a `case`, `as`."""
        word = self._word(token)
        if token.text in OPERATORS and (token.text != "," or self.parentheses):
            self._keep(token, operand_next=True)
        elif token.text == ")":
            self.parentheses -= 1
            self._keep(token, operand_next=False)
        elif word == "not" or (self._came("not") and word in COMPARED):
            self._keep(token, operand_next=word != "not")
        elif word in JOINING:
            self._keep(token, operand_next=True)
        elif word == "end" and self.cases:
            self.cases -= 1
            self._keep(token, operand_next=False)
        elif word == "as":
            self._cast_type(token) if self.parentheses else self._alias(token)
        else:
            self._refuse(token)

    def _call(self, token: Token, word: str) -> None:
        """A function of the dialect."""
        if word != "cast" and word not in FUNCTIONS:
            known = ("cast", *FUNCTIONS)
            found = {"function": word, "nearest": nearest(word, known), "position": token.start}
            raise ExpressionError("unknown-function", text=self.text, **found)
        self._put(token, self.kinds.VAR, CALL + word)
        self._step(1, operand_next=True)

    def _name(self, token: Token) -> None:
        """A column's or a view's name."""
        self._put(token, self.kinds.IDENTIFIER, token.text)
        self._step(1, operand_next=False)

    def _typed_literal(self, word: str, literal: Token) -> None:
        """`interval '30 days'` and `date '2026-01-01'` become calls."""
        self._put(literal, self.kinds.VAR, CALL + ("interval" if word == "interval" else "cast"))
        self._put(literal, self.kinds.L_PAREN, "(")
        self._put(literal, self.kinds.STRING, literal.text)
        if word != "interval":
            self._put(literal, self.kinds.COMMA, ",")
            self._put(literal, self.kinds.STRING, word)
        self._put(literal, self.kinds.R_PAREN, ")")
        self._step(2, operand_next=False)

    def _cast_type(self, token: Token) -> None:
        """`as text` inside parentheses becomes a second argument."""
        kind = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else token
        if kind.text.lower() not in CASTS:
            self._refuse(kind)
        self._put(token, self.kinds.COMMA, ",")
        self._put(kind, self.kinds.STRING, kind.text.lower())
        self._step(2, operand_next=False)

    def _alias(self, token: Token) -> None:
        """`as name` ends a select item."""
        rest = self.tokens[self.at + 1 :]
        if len(rest) != 1 or not (self._word(rest[0]) or rest[0].token_type == self.kinds.IDENTIFIER):
            self._refuse(rest[1] if len(rest) > 1 else token)
        self.out.append(token)
        self._put(rest[0], self.kinds.IDENTIFIER, rest[0].text)
        self._step(2, operand_next=False)

    def _keep(self, token: Token, *, operand_next: bool) -> None:
        """The token stays as it is."""
        self.out.append(token)
        self._step(1, operand_next=operand_next)

    def _put(self, at: Token, kind: TokenType, text: str) -> None:
        """Another token in that place."""
        self.out.append(self.make(kind, text, at.line, at.col, at.start, at.end))

    def _step(self, tokens: int, *, operand_next: bool) -> None:
        """So many tokens are read."""
        self.at += tokens
        self.operand_next = operand_next

    def _came(self, text: str) -> bool:
        """Whether the token before was this one."""
        return self.at > 0 and self._word_or_symbol(self.tokens[self.at - 1]) == text

    def _word(self, token: Token) -> str:
        """The unquoted word in lower case, "" for anything else."""
        quoted = token.token_type in {self.kinds.STRING, self.kinds.IDENTIFIER, self.kinds.NUMBER}
        plain = token.text.replace("_", "a").isalnum() and self.text[token.start - 1 : token.end] == token.text
        return token.text.lower() if plain and not quoted else ""

    def _word_or_symbol(self, token: Token) -> str:
        """The word in lower case, or the symbol."""
        return self._word(token) or token.text

    def _refuse(self, token: Token) -> NoReturn:
        """A word or symbol that is not the dialect's, or a value where none can stand."""
        values = {self.kinds.STRING, self.kinds.NUMBER, self.kinds.IDENTIFIER}
        ours = token.text in SYMBOLS | {"(", ")"} or self._word(token) in JOINING | {"as", "end"}
        where = {"text": self.text, "position": token.start}
        if ours or token.token_type in values:
            raise ExpressionError("does-not-parse", found=token.text, **where)
        raise ExpressionError("not-in-dialect", construct=token.text, **where)
