"""What a data file of a language holds: every entry by its name, with what it is for in a sentence.

Words are single and folded. Phrases are pieces of regular expressions that ignore case where nothing else is said;
`{name}` in one stands for other words or phrases of the same file, for one of its fragments, or for what the code puts
in.
Tables say what a key is called. Texts are said to people or models. Where two entries look alike their purposes say
why they are two.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FileSection(StrEnum):
    """A part of a data file."""

    WORDS = "words"
    PHRASES = "phrases"
    TABLES = "tables"
    TEXTS = "texts"


# The section of a file for pieces that several of its phrases have; their names are the file's own.
FRAGMENTS = "fragments"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: where it stands, what it is for, and the keys of a table or the gaps that the code fills."""

    section: FileSection
    purpose: str
    keys: tuple[str, ...] = ()
    put_in: tuple[str, ...] = ()
    detects: bool = False  # files for detection only have it too: documents may be in their languages


# What is said of the language itself: the fields and their types.
LANGUAGE = {
    "code": str,  # ISO 639-1, the name of the file
    "stemmer": str,  # of Snowball
    "letters": str,  # that speak for it
    "capital_nouns": bool,  # whether nouns are written large
    "detection_only": bool,  # known only so that a text in it can be told: no question is analysed in it
}


def _words(purpose: str, *, detects: bool = False) -> Entry:
    return Entry(FileSection.WORDS, purpose, detects=detects)


def _phrases(purpose: str, *put_in: str, detects: bool = False) -> Entry:
    return Entry(FileSection.PHRASES, purpose, put_in=put_in, detects=detects)


def _table(purpose: str, keys: str) -> Entry:
    return Entry(FileSection.TABLES, purpose, keys=tuple(keys.split()))


def _text(purpose: str, *put_in: str) -> Entry:
    return Entry(FileSection.TEXTS, purpose, put_in=put_in)


_TO_TWENTY = " ".join(map(str, range(1, 21)))

SCHEMA: dict[str, Entry] = {
    # ---- small words
    "small": _words(
        "The commonest words of texts, those of several languages left in: they tell a language.", detects=True
    ),
    "asking": _words("What questions begin with; tells the language of a question.", detects=True),
    "stop": _words("Function words, and those that only ask: they say nothing of a subject and aren't searched for."),
    "commands": _words("What a person tells a program to do with what; tells a language where no small word does."),
    "compound_links": _words("What joins the parts of compounds; none where words aren't put together."),
    "articles": _words("All articles, as they stand before a term; dropped where answers are compared, as SQuAD does."),
    "asked_of": _words(
        "What a question asks of its subject and is no subject itself; none where nouns are written large."
    ),
    "the": _phrases("The definite articles."),
    "a": _phrases("The indefinite articles, as they stand before a subject."),
    "ones": _phrases("What stands before the kind that a thing is of; letter case counts."),
    "a_in_any_case": _phrases("The indefinite articles in every case: before a term in the middle of a sentence."),
    "is": _phrases("What joins a term to what it is."),
    "if": _phrases("What a condition begins with."),
    "if_or_when": _phrases("The same with “when”, which tells of a condition only where the quality is named."),
    "and": _phrases("What adds a thing."),
    "or": _phrases("What joins two names of a thing."),
    # ---- sentences
    "abbreviations": _words("What ends with a full stop without ending a sentence."),
    "refers": _phrases("What a number follows that ends no sentence: “see Fig. 3”; written large."),
    # ---- the term that a question is for
    "word_endings": _words("Endings by which two forms of a word may differ."),
    "plural_endings": _words("Endings beside -er of nouns that have it in their plural; none where nouns don't."),
    "doubling_endings": _words("Endings before which the last letter of a word may be doubled: overfit, overfitting."),
    "called_a_term": _phrases("What says of the words behind it that they are a term: “the notion of”."),
    "before_question": _phrases("What may stand before a question without changing it."),
    "asks_proof": _phrases("Questions for the proof of a theorem that is named.", "term"),
    "asks_meaning": _phrases("Questions for what a term means, in words that ask for nothing else.", "term"),
    "asks_perhaps_meaning": _phrases("Questions that are for a meaning where what they name is a term.", "term"),
    "proof": _phrases("The words for a proof and for proving."),
    "no_term": _phrases("What makes a clause of the words that are asked for: no term has it."),
    "of": _phrases("What joins a term to the one thing that it is of: “the capital of Kenya”."),
    "within": _phrases("What joins a term to its field: “broadcasting in numpy”."),
    # ---- the kind of answer that is asked for
    "asks_cost": _phrases("Questions for a running time."),
    "says_cost": _phrases("Sentences that tell a running time, besides those with one of the notations."),
    "one_by_one": _phrases("Nouns that end like a plural, and are asked for one by one."),
    "asks_list": _phrases("Questions for several things."),
    "asks_how": _phrases("Questions for how something goes."),
    "says_how": _phrases("Sentences that tell it."),
    "asks_why": _phrases("Questions for a reason."),
    "says_why": _phrases("Sentences that tell it."),
    "asks_formula": _phrases("Questions for a formula."),
    "tells_to_do": _phrases("Sentences that tell their reader to do something: an exercise has a question's words."),
    # ---- definitions, and what points back
    "pronouns": _words("Subjects that stand for something said before."),
    "pointing": _words("What else points back wherever it stands: possessives, objects, “davon”."),
    "pointing_alone": _words("What points back only where it stands alone: it is an article, too."),
    "opens_definition": _phrases("What may stand before the term at the beginning of a sentence that defines it."),
    "in_short": _phrases("What opens a definition in few words."),
    "begins_clause": _phrases("What a clause begins with that may define a term."),
    "labels_definition": _phrases("What a definition is labelled with: “Definition 3.2 (Trie)”."),
    "calls": _phrases("What stands before a term that something is called by; `few`: up to four words.", "few"),
    "calls_behind": _phrases("What stands behind a term that something is called by, with `as` before it."),
    "as": _phrases("What stands before a term that something is called by, with `calls_behind` after it."),
    "by": _phrases("What stands before a term of which is said what is meant by it."),
    "is_meant": _phrases("What says what is meant by a term."),
    "short_for": _phrases("What begins an explanation in brackets."),
    "preposition": _phrases("What joins a term to more words of its name, before the verb."),
    "defines": _phrases("Verbs that say what a term means, besides `is`."),
    "just": _phrases("What may stand between `is` and what a thing is."),
    "one_kind": _phrases("What begins the name of the kind that a thing is of."),
    "remarks": _phrases("What begins a remark about a thing: not what it is."),
    "this_one": _phrases("What says that one certain thing is spoken of."),
    "is_one": _phrases("What stands before a quality for which a condition follows: “is called tense if”."),
    "relative": _phrases("What begins a clause about the term before it."),
    "in_it": _phrases("What stands before a term in the sentence that tells what one does in it."),
    "one_does": _phrases("What tells that one does something."),
    "be": _phrases("Verbs behind a subject that points back: “This is called”."),
    "tells": _phrases("What begins a sentence that goes on telling, and defines nothing."),
    "names_definition": _phrases("What a heading begins with that stands over a definition."),
    # ---- things that documents number
    "numbered": _table(
        "What documents number, by its kind: “Lemma 8.6”; single words.",
        "lemma theorem definition proposition corollary figure table exercise example algorithm listing remark axiom "
        "equation claim code",
    ),
    "about_numbered": _words("What a question says besides the number that is about nothing but the thing itself."),
    "begins_proof": _phrases("What a proof begins with in a document; letter case counts."),
    # ---- places in a course
    "units": _table(
        "What things of a course are counted by is called, in questions, file names and headings.",
        "week lecture exercise tutorial chapter unit part session quarter",
    ),
    "material": _table(
        "What pieces of material are called in a question, besides `units`; patterns.",
        "whole file slides script notes notebook glossary sheet lecture week chapter section page tutorial",
    ),
    "material_in_names": _table(
        "What tells of a document's name or title which kind of material it is; patterns.",
        "slides script notes notebook glossary sheet lecture",
    ),
    "plural_units": _table("Plurals that mean single pieces when numbers follow: “lectures 1 to 3”.", "lecture page"),
    "before_numbers": _table(
        "What else stands before the number of a piece of material in the name of a file or in a heading.",
        "sheet section notebook notes",
    ),
    "unit_letters": _table("Single letters that stand for a unit where a file's name begins: “w05”.", "week lecture"),
    "compound_material": _words("Pieces of material that are put together with a name: “Evaluationsfolien”."),
    "cardinals": _table("The cardinal numbers: “chapter two”.", _TO_TWENTY),
    "ordinals": _table("The ordinal numbers: “the third quarter”.", _TO_TWENTY),
    "months": _table("The months and how they are abbreviated.", "1 2 3 4 5 6 7 8 9 10 11 12"),
    "last": _words("The last of several: “the last chapter”."),
    "newest": _phrases("The newest edition: “in its most recent report”."),
    "number_sign": _phrases("What stands between a unit and its number: “week no. 5”."),
    "ordinal_ending": _words("What follows the digits of an ordinal number: “2nd”.", detects=True),
    "joins_numbers": _phrases("What stands between the numbers of several things."),
    "until": _phrases("What makes two numbers a range."),
    "determiner": _phrases("What stands before a piece of material without naming it: “all of the uploaded”."),
    "about_material": _phrases("What stands between a piece of material and its subject: “the slides on …”."),
    "part_of": _phrases("What stands between a piece of material and what it is part of: “chapter 2 of the script”."),
    "no_name": _words("What makes a phrase a clause or a question: no name of a document or heading has it."),
    # ---- questions that go on from the one before
    "points_nowhere": _phrases("Words that only seem to point back: “there are”."),
    "polite": _phrases("The pronouns by which a person is spoken to."),
    "goes_on": _phrases("What a question begins with that goes on from the one before."),
    "talk": _words("What a question says of how to answer, not what about: “give me a simple example”."),
    "stands_for_term": _phrases("Pronouns in whose place the term can be put that was asked for; letter case counts."),
    "possessive": _phrases("The same for possessives."),
    "but": _phrases("What opposes a thing."),
    "what_about": _phrases("What asks the same of another thing: “what about”."),
    "no_thing": _words("What begins a question of its own behind “and”, besides `asking`: no thing is named."),
    "asks_circumstance": _words("What a question of two words begins with that asks more of the same: “How fast?”."),
    "asks_difference": _phrases("The question for the difference, without what it is between."),
    "compared_with": _phrases("A comparison that names one thing only: the other was spoken of."),
    "difference_between": _text("The question for the difference of two terms.", "asked", "one", "other"),
    "joins_possessive": _text("What joins a term to the noun of a possessive in whose place it is put."),
    # ---- what a quoted answer can't be
    "see": _phrases("What a sentence begins with that only says what to read where, before `parts`."),
    "parts": _phrases("The parts of a text that one is sent to."),
    "aims": _phrases("What a sentence begins with that says what a student will be able to do: not what is so."),
    "asks_aims": _phrases("Questions for such aims."),
    # ---- requests about the whole, in lower case
    "things": _table(
        "What a question calls what it wants listed; patterns, mostly plurals.",
        "definition theorem example exercise algorithm formula",
    ),
    "courtesy": _phrases("What stands before a request without saying for what it is."),
    "manner": _phrases("What stands behind a request and only says how to answer."),
    "asks_next": _phrases("What asks the same of the next piece of material: “and lecture 4?”; the longest first."),
    "often": _phrases("Adjectives before the things that are to be listed."),
    "joins_things": _phrases("What joins several kinds of things that are to be listed."),
    "all_the": _phrases("What stands before each of them."),
    "asks_summary_any": _phrases("Requests for a summary of whatever has a name.", "material"),
    "asks_summary_material": _phrases("The same, which are requests only where they name material.", "material"),
    "asks_summary_certain": _phrases("The same, only where the material has a number or is a file.", "material"),
    "asks_about_material": _phrases("Requests to say what material is about.", "material"),
    "asks_topics_material": _phrases("Requests for the headings of material.", "material"),
    "asks_listing_any": _phrases("Requests for a list of things in whatever has a name.", "material", "things"),
    "asks_listing_material": _phrases(
        "The same, which are requests only where they name material.", "material", "things"
    ),
    # ---- overviews: the parts of a document
    "part_labels": _phrases("What stands before the number of a part in its heading."),
    "goes_on_in": _phrases("What a heading ends with that goes on from the one before, in brackets."),
    "apart": _phrases("Headings of what says nothing of the subject: contents, references."),
    "abstracts": _phrases("Headings of what says what the whole is about."),
    # ---- overviews: sentences that can be quoted alone, and what a section is about
    "sees": _phrases("What a sentence begins with that points elsewhere."),
    "announces": _phrases("Sentences that say what a part of a text is about."),
    "says_what_is": _phrases("What says what something is, in any sentence: a hint, no definition."),
    "leaning": _phrases("What a sentence begins with that can't stand alone."),
    "administers": _phrases("What tells of deadlines, rooms and the like: not of the subject."),
    # ---- overviews: definitions and other things of a document
    "labels": _table(
        "What things are labelled with in a document, besides `numbered`; patterns, letter case counts.",
        "definition example exercise algorithm",
    ),
    "premises": _phrases("What a sentence begins with that only says of what the next one holds; letter case counts."),
    "collections": _phrases("Headings over several of the things that a list is of."),
    "drills": _phrases("Headings over questions to the reader."),
    "glossaries": _phrases("Titles of glossaries."),
    "defines_in_text": _phrases(
        "Verbs of a sentence that defines something, wherever the term stands: `calls` knows the term and is looser."
    ),
    "then_defines": _phrases("The same behind a condition, with which a sentence may begin."),
    "subjects": _phrases("What stands before the term at the beginning of a sentence; letter case counts."),
    "no_kinds": _phrases("What stands behind `ones` where no kind follows; letter case counts."),
    "no_defined_term": _phrases("What no term has that a sentence defines by saying what it is."),
    "opens_explanation": _phrases("What an explanation behind “Term:” begins with; letter case counts."),
    "no_terms_in_lists": _phrases("What stands before a colon in lists and is no term."),
    # ---- questions drafted from documents
    "subject_articles": _phrases("The articles that a sentence begins with; letter case counts."),
    "drafting_verbs": _phrases("Verbs of the sentences that questions are drafted from."),
    "drafting_kinds": _phrases("What stands behind them before the kind that a thing is of."),
    "unasked": _words("What stands for something said before, besides `stop`: nobody can ask for it."),
    "vague": _words("Terms that mean nothing outside their paragraph."),
    "because": _phrases("What stands between a clause and the reason for it."),
    "no_subject": _phrases("What a heading has under which nothing answers a question."),
    "reply_lines": _table("How a model may call the lines of its reply.", "Question Answer Quote"),
    "asks_what_is": _text("A question for a definition.", "verb", "term"),
    "asks_what_designates": _text("The same with another verb than `is`.", "verb", "term"),
    "asks_reason": _text("A question for a reason.", "clause"),
    "asks_section": _text("A question for what a section says.", "title", "heading"),
    # ---- what loaders look for in files
    "heading_style": _words("What a style for headings is called by word processors.", detects=True),
    "nameless_sheet": _words("What a sheet of a workbook is called that nobody named.", detects=True),
    "nameless_slides": _phrases("What a presentation is called that nobody named."),
    "captions": _phrases("What a caption begins with, before its number.", detects=True),
    "chapters": _words("What the heading of a chapter begins with, before its number.", detects=True),
    "page_names": _words("What stands before the number of a page, where one is printed."),
    "page_signs": _phrases("Abbreviations of that."),
    "of_pages": _words("What stands between the number of a page and that of the last."),
    "prose": _words("Small words that are never raised or lowered: in a PDF their size is asked for once."),
    "suspending": _words("What a hyphen stands before that is no line's: “Vor- und Nachteile”."),
    "saved_files": _words("How browsers end the name of the folder with the pictures of a saved page; as written."),
    # ---- texts for people and models
    "refusal": _text("What a model says, word for word, when the passages don't answer; recognised and shown."),
    "no_documents": _text("Shown when there is nothing to search yet."),
    "instructions": _text("What a model is told that answers from passages.", "refusal"),
    "instructions_whole": _text("What a model is told that reads sections in turn.", "task", "refusal"),
    "task_summary": _text("The task of a summary."),
    "task_about": _text("The task of saying in short what documents are about."),
    "task_listing": _text("The task of a list."),
    "label_passages": _text("Stands above the passages of a prompt."),
    "label_question": _text("Stands before the question of a prompt."),
    "drafting": _text("What a model is told that writes exam questions; the names of its three lines are English."),
    "condensing": _text("Asks a model for a question that stands alone.", "question"),
}
