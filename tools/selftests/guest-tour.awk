# SPDX-License-Identifier: GPL-2.0
# Holds the sentence of each step of "mirrorctl tour --json" against what was seen before
# and after it, and prints what does not agree. Reads what flatten() of guest-tour.sh makes
# of the JSON; "least" is how many numbers are to be compared at least. Busybox' awk may
# have no powers.

function pow2(n,  p) { for (p = 1; n > 0; n--) p *= 2; return p }
function after(words,  at) {	# the number behind these words of the sentence
	at = index(s, words)
	if (!at) {
		wrong("has not: " words)
		return -1
	}
	return substr(s, at + length(words)) + 0
}
function first() { match(s, /[0-9]+/); return substr(s, RSTART, RLENGTH) + 0 }
function b(path) { return v["steps." i ".before." path] }
function a(path) { return v["steps." i ".after." path] }
function d(path) { return a(path) - b(path) }
function usable_a() { return a("free_seen") - a("highatomic_free") }
function usable_b() { return b("free_seen") - b("highatomic_free") }
function wrong(what) { print tour " " step ": " what "; " s; bad++ }
function same(got, wanted, what) {
	checks++
	if (got != wanted)
		wrong(what ": " got ", seen was " wanted)
}
function has(words) { return index(s, words) }

function split_step(  high, order, sum) {
	if (step == 1) {
		same(first(), a("free"), "free")
		same(after("pages are free, and "), a("free_by_type.movable.10") * 1024, "pages")
	}
	if (step == 2 || step == 3) {
		same(d("held_pages"), 16, "pages held")
		if (has("of exactly 16 pages")) {
			same(d("free_by_type.movable.4"), -1, "blocks of order 4")
			return
		}
		high = after("so one of order ")
		same(d("free_by_type.movable." high), -1, "the block that was cut")
		for (order = 4; order < high; order++) {
			same(d("free_by_type.movable." order), 1, "halves of order " order)
			sum += pow2(order)
		}
		same(after("was taken off its list and halved "), high - 4, "cuts")
		same(after("became a free block, "), sum, "pages of the halves")
		same(sum + 16, pow2(high), "halves and block")
		same(after("one of order " high " ("), pow2(high), "pages of the block")
		same(after("half that was left, "), 16, "pages given")
		same(step, 2, "only the first block is cut")
	}
	if (step == 4) {
		same(after("put on the list of order "), 4, "order")
		same(d("free_by_type.movable.4"), 1, "blocks of order 4")
	}
	if (step == 5) {
		high = after("and one more of order ")
		same(d("free_by_type.movable." high), 1, "the merged block")
		same(after("looked for in turn: "), high - 4, "merges")
		for (order = 4; order < high; order++)
			same(d("free_by_type.movable." order), -1, "halves of order " order)
	}
}

function pcp_step(  fetched, list) {
	list = "pcp.lists.movable.0"
	if (step == 1) {
		same(a("pcp.count"), 0, "pages listed")
		same(after("a refill fetches "), a("pcp.batch"), "batch")
	}
	if (step == 2) {
		fetched = after("The list was empty, so ")
		same(-d("free"), fetched, "pages that left the zone")
		same(d(list), fetched - 1, "pages that stay")
		same(after("one was given out and "), fetched - 1, "pages said to stay")
	}
	if (step == 3) {
		same(after("The list had "), b(list), "pages before")
		same(after("first one was given out and "), a(list), "pages after")
		same(after("free pages as before, "), a("free"), "pages of the zone")
		same(d("free"), 0, "change of the zone")
	}
	if (step == 4) {
		same(after("this CPU's list, which has "), a(list), "pages")
		same(d(list), 2, "pages more")
		same(d("free"), 0, "change of the zone")
	}
	if (step == 5)
		same(d(list), -1, "pages fewer")
	if (step == 6) {
		same(after("High is "), a("pcp.high_min"), "high")
		same(a("pcp.high_min"), a("pcp.high_max"), "least and most")
		same(after("4 times the batch of ") * 4, a("pcp.high_min"), "batch")
		same(after("are the same; "), a("pcp.count"), "pages listed")
		same(a("pcp.count") + 1, a("pcp.high_min"), "one fewer than high")
	}
	if (step == 7) {
		same(after("With that page there were "), b("pcp.count") + 1, "pages")
		same(after("as many as high, so "), d("free"), "pages flushed")
		same(after("in one go and "), a("pcp.count"), "pages that stay")
		same(after("follows from the "), b("pcp.free_count") + 1, "freed in a row")
		same(after("at least a batch ("), b("pcp.batch"), "batch")
		same(after("(high - batch is "), b("pcp.high_min") - b("pcp.batch"), "most")
		same(b("pcp.high_min"), b("pcp.high_max"), "high was fixed")
	}
	if (step == 8) {
		same(after("The "), b("pcp.count"), "pages drained")
		same(d("free"), b("pcp.count"), "pages that the zone got")
		same(a("pcp.count"), 0, "pages listed")
	}
}

function fallback_step() {
	if (step == 1) {
		same(after("each pageblock of "), 512, "pages of a pageblock")
		same(after("has a type, "), a("pageblocks.movable"), "Movable")
		same(after("are Movable and "), a("pageblocks.unmovable"), "Unmovable")
	}
	if (step == 2)
		same(after("finds nothing on the lists of its own type, while "), a("free"), "free")
	if (step == 3) {
		same(d("pageblocks.unmovable"), after("and the "), "pageblocks")
		same(d("pageblocks.movable"), -after("and the "), "pageblocks of Movable")
		same(d("free_by_type.movable." after("it was a Movable one of order ")), -1, "its list")
	}
	if (step == 3)
		same(after("with all of its "), pow2(after("it was a Movable one of order ")), "pages")
	if (step == 4) {
		same(first(), a("free"), "free")
		same(after("lie in blocks of "), 256, "pages of a piece")
		same(after("pages are free, and "), a("free_by_type.movable.8") * 256, "pieces")
		same(a("free_by_type.movable.9") + a("free_by_type.movable.10"), 0, "larger")
	}
	if (step == 5) {
		same(after("was a Movable one of order "), 8, "order")
		same(d("pageblocks.unmovable"), 1, "pageblocks")
		same(d("free_by_type.movable.8"), -1, "its list")
		same(after("are all, and with "), 256, "half a pageblock")
		same(after("were raised by "), d("boost"), "boost")
		same(d("boost") > 0, 1, "a boost")
	}
}

function watermark_step(  floor) {
	floor = a("watermarks.min") - int(a("watermarks.min") / 2)
	floor -= int(floor / 4)
	if (step == 1) {
		same(after("The zone has "), a("free"), "free")
		same(after("against low ("), a("watermarks.low") + a("boost"), "low")
		same(after("against min ("), a("watermarks.min") + a("boost"), "min")
		same(after("; high ("), a("watermarks.high") + a("boost"), "high")
	}
	if (step == 2) {
		same(first(), usable_a(), "free")
		same(after("and low is "), a("watermarks.low") + a("boost"), "low")
		same(after("above the mark, and "), usable_a() - 15, "what is compared")
		same(usable_a() - 15 <= a("watermarks.low") + a("boost"), 1, "near low")
	}
	if (step == 3) {
		same(first(), usable_b() - 15, "what is compared")
		same(after("not above low ("), b("watermarks.low") + b("boost"), "low")
		same(after("above min ("), b("watermarks.min") + b("boost"), "min")
		same(after("tries again, and as "), first(), "the same at both marks")
		same(first() <= after("not above low ("), 1, "not above low")
		same(first() > after("above min ("), 1, "above min")
		same(d("held_pages"), 16, "pages held")
	}
	if (step == 4) {
		same(first(), usable_a(), "free")
		same(after(" less "), 15, "all of a block but one")
		same(after("not above min ("), a("watermarks.min") + a("boost"), "min")
		same(first() - 15 <= after("not above min ("), 1, "refused")
	}
	if (step == 5) {
		same(after("it was refused with "), a("free_seen"), "free")
		same(after("pages free, not above "), floor, "3/8 of min")
		same(a("free_seen") <= floor, 1, "refused")
		same(after("not above " floor ", and "), d("held_pages"), "pages granted")
		same(after("may end below it; "), a("pcp.count"), "pages listed")
	}
	if (step == 6) {
		same(after("With "), b("free_seen"), "free")
		same(d("held_pages"), 1, "pages held")
	}
}

function highatomic_step() {
	if (step == 1) {
		same(after("may keep up to "), int((int(a("managed") / 100) + 511) / 512) * 512, "most")
		same(after("order 1 and above; "), a("highatomic"), "reserved")
	}
	if (step == 2) {
		same(after("With "), usable_b(), "free")
		same(after("far above low ("), b("watermarks.low") + b("boost"), "low")
		same(d("highatomic"), 0, "reserved")
	}
	if (step == 3) {
		same(first(), usable_a(), "free")
		same(after("and low is "), a("watermarks.low") + a("boost"), "low")
		same(after("which needs "), 16, "pages of the block")
	}
	if (step == 4) {
		same(after("free in it: "), d("highatomic"), "reserved")
		same(d("highatomic"), 512, "one pageblock")
		same(d("pageblocks.highatomic"), 1, "pageblocks")
		same(after("than before, and "), a("highatomic_free"), "free of these")
	}
	if (step == 5) {
		same(first(), a("free_seen"), "free")
		same(after("request the "), a("highatomic_free"), "of the reserve")
		same(after("do not count: "), usable_a(), "usable")
		same(after(" less "), 15, "all of a block but one")
		same(after("not above min ("), a("watermarks.min") + a("boost"), "min")
		same(usable_a() - 15 <= a("watermarks.min") + a("boost"), 1, "refused")
		same(d("highatomic_free"), 0, "taken of the reserve")
	}
	if (step == 6) {
		same(after("of the "), b("highatomic_free"), "free before")
		same(after("free in it, "), 16, "given")
		same(after("were given and "), a("highatomic_free"), "free after")
		same(d("highatomic_free"), -16, "taken of the reserve")
	}
	if (step == 7) {
		same(-d("highatomic"), 512, "given up")
		same(has(" 512 pages are reserved less") > 0, 1, "said to be given up")
		same(d("pageblocks.highatomic"), -1, "pageblocks")
	}
	if (step == 8)
		same(a("highatomic"), v["steps." i - 7 ".before.highatomic"], "reserved")
}

BEGIN { FS = "\t" }
{ v[$1] = $2 }
END {
	for (i = 0; "steps." i ".tour" in v; i++) {
		tour = v["steps." i ".tour"]
		step = v["steps." i ".step"]
		s = v["steps." i ".sentence"]
		if (v["steps." i ".expected"] != "true")
			wrong("not expected")
		if (v["steps." i ".title"] == "Give everything back") {
			same(after("All "), a("free"), "free")
			same(a("held_blocks"), 0, "held")
		}
		if (tour == "split") split_step()
		if (tour == "pcp") pcp_step()
		if (tour == "fallback") fallback_step()
		if (tour == "watermark") watermark_step()
		if (tour == "highatomic") highatomic_step()
	}
	print "# " i " steps, " checks " numbers, " bad + 0 " do not agree"
	exit bad || checks < least
}
