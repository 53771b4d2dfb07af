/**
 * Where an edit goes in a text that may have changed since the edit was made, and what it makes of it.
 *
 * An edit is { start, end, original, replacement, before, after }: offsets in UTF-16 code units, as in
 * JavaScript's strings, and up to 40 characters around. Nothing here touches the page: texts in, places out.
 */
( function () {
	'use strict';

	// So many equal characters around are the same place when neither side is whole any more, some on each side.
	var ENOUGH = 20,
		SOME = 3;
	// How far around a place is looked at: links set meanwhile make the text around it longer.
	var REACH = 400;

	/**
	 * The text as it reads, without the marks of internal links: setting one beside a place leaves it the same.
	 *
	 * @param {string} text
	 * @return {string}
	 */
	function unlinked( text ) {
		return text.replace( /\[\[[^[\]|\n]*\|/g, '' ).replace( /\[\[|\]\]/g, '' );
	}

	function sharedEnd( one, other ) {
		var count = 0;
		while (
			count < one.length && count < other.length &&
			one.charAt( one.length - 1 - count ) === other.charAt( other.length - 1 - count )
		) {
			count++;
		}
		return count;
	}

	function sharedStart( one, other ) {
		var count = 0;
		while ( count < one.length && count < other.length && one.charAt( count ) === other.charAt( count ) ) {
			count++;
		}
		return count;
	}

	/**
	 * How well the surroundings of a place are those of the edit: -1 when it is another place.
	 *
	 * @param {string} text
	 * @param {number} start
	 * @param {number} end
	 * @param {Object} edit
	 * @return {number}
	 */
	function likeness( text, start, end, edit ) {
		var before = unlinked( edit.before ),
			after = unlinked( edit.after ),
			left = sharedEnd( unlinked( text.slice( Math.max( 0, start - REACH ), start ) ), before ),
			right = sharedStart( unlinked( text.slice( end, end + REACH ) ), after ),
			wholeLeft = left === before.length,
			wholeRight = right === after.length,
			// One side alone proves the place when it is long, not when it is the text's beginning or end.
			known = ( before && wholeLeft ) || ( after && wholeRight ) || ( left >= SOME && right >= SOME );
		if ( ( wholeLeft && wholeRight ) || ( known && left + right >= ENOUGH ) ) {
			return left + right;
		}
		return -1;
	}

	/**
	 * Whether a range touches a link: an internal one (a file's caption with it) or an external one.
	 *
	 * @param {string} text
	 * @param {number} start
	 * @param {number} end
	 * @return {boolean}
	 */
	function insideLink( text, start, end ) {
		// No link goes on over an empty line, so one that was never closed spoils its paragraph only.
		var from = text.lastIndexOf( '\n\n', start - 1 ) + 1,
			head = text.slice( from, start ),
			until = text.indexOf( '\n\n', end ),
			tail = text.slice( end, until === -1 ? text.length : until ),
			marks = head.match( /\[\[|\]\]/g ) || [],
			depth = 0,
			line = head.slice( head.lastIndexOf( '\n' ) + 1 ),
			i;
		for ( i = 0; i < marks.length; i++ ) {
			depth = marks[ i ] === '[[' ? depth + 1 : Math.max( 0, depth - 1 );
		}
		if ( depth > 0 && tail.indexOf( ']]' ) !== -1 ) {
			return true;
		}
		return /\[(?:https?:|ftp:|mailto:|\/\/)[^\]]*$/i.test( line ) && /^[^\n]*\]/.test( tail );
	}

	/**
	 * The page that an edit links to, or '' for an edit that sets no link.
	 *
	 * @param {Object} edit
	 * @return {string}
	 */
	function targetOf( edit ) {
		var link = /\[\[:?([^[\]|#\n]+)[^[\]\n]*\]\]/.exec( edit.replacement );
		return link ? link[ 1 ] : '';
	}

	function normal( title ) {
		var words = title.replace( /[_\s]+/g, ' ' ).replace( /^ ?:? ?| $/g, '' );
		return words.charAt( 0 ).toUpperCase() + words.slice( 1 );
	}

	/**
	 * Whether a text has a link to a page.
	 *
	 * @param {string} text
	 * @param {string} title
	 * @return {boolean}
	 */
	function linksTo( text, title ) {
		var pattern = /\[\[([^[\]|#\n]+)/g,
			found;
		while ( ( found = pattern.exec( text ) ) !== null ) {
			if ( normal( found[ 1 ] ) === normal( title ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * The places where an edit could go: where its words are, or, without words, where its surroundings meet.
	 *
	 * @param {string} text
	 * @param {Object} edit
	 * @return {number[]}
	 */
	function candidates( text, edit ) {
		var places = [],
			words = edit.original || edit.before || edit.after,
			// Without words of its own, the place is at the end of what stood before it.
			step = !edit.original && edit.before ? words.length : 0,
			at;
		if ( !words ) {
			return text ? [] : [ 0 ];
		}
		for ( at = text.indexOf( words ); at !== -1; at = text.indexOf( words, at + 1 ) ) {
			places.push( at + step );
		}
		return places;
	}

	/**
	 * Where an edit goes in a text: the exact place, else the one whose surroundings are most like the edit's,
	 * the nearest of equals. Never inside a link.
	 *
	 * @param {string} text
	 * @param {Object} edit
	 * @return {Object|null} { start, end }, or null when the place is gone, or the text links to that page by now
	 */
	function locate( text, edit ) {
		var length = edit.original.length,
			target = targetOf( edit ),
			best = null,
			bestScore = -1;
		if ( target && linksTo( text, target ) && !linksTo( edit.original, target ) ) {
			return null;
		}
		candidates( text, edit ).forEach( function ( start ) {
			var score = likeness( text, start, start + length, edit ),
				nearer = best === null || Math.abs( start - edit.start ) < Math.abs( best.start - edit.start );
			if (
				score >= 0 && ( score > bestScore || ( score === bestScore && nearer ) ) &&
				!insideLink( text, start, start + length )
			) {
				best = { start: start, end: start + length };
				bestScore = score;
			}
		} );
		return best;
	}

	/**
	 * The text with the edit made.
	 *
	 * @param {string} text
	 * @param {Object} edit
	 * @return {string|null} null where `locate` finds no place
	 */
	function splice( text, edit ) {
		var place = locate( text, edit );
		return place && text.slice( 0, place.start ) + edit.replacement + text.slice( place.end );
	}

	function listLine( edit ) {
		var line = edit.original === '' && /^\*.*$/m.exec( edit.replacement );
		return line ? { text: line[ 0 ], start: line.index, end: line.index + line[ 0 ].length } : null;
	}

	/**
	 * The edit that takes another one back, wherever its link stands by then.
	 *
	 * @param {Object} edit
	 * @param {boolean} [lineOnly] Of a "see also" edit: leave its section, which has other lines by now
	 * @return {Object}
	 */
	function inverse( edit, lineOnly ) {
		var line = lineOnly && listLine( edit ),
			from = line ? line.start : 0,
			until = line ? line.end : edit.replacement.length;
		// A line goes with one of the line breaks around it.
		if ( line && edit.replacement.charAt( from - 1 ) === '\n' ) {
			from--;
		} else if ( line && edit.replacement.charAt( until ) === '\n' ) {
			until++;
		}
		return {
			start: edit.start + from,
			end: edit.start + until,
			original: edit.replacement.slice( from, until ),
			replacement: edit.original,
			before: ( edit.before + edit.replacement.slice( 0, from ) ).slice( -40 ),
			after: ( edit.replacement.slice( until ) + edit.after ).slice( 0, 40 )
		};
	}

	/**
	 * A "see also" edit, after another one was made: its line goes below that one's, in the same section.
	 * Both were made for the text without either, so both bring the section's heading along.
	 *
	 * @param {Object} edit
	 * @param {Object} made The other edit, which the text has now
	 * @return {Object}
	 */
	function following( edit, made ) {
		var line = listLine( edit ),
			above = listLine( made );
		if ( !line || !above || edit.original !== '' ) {
			return edit;
		}
		return {
			start: made.start + above.end,
			end: made.start + above.end,
			original: '',
			replacement: '\n' + line.text,
			before: ( made.before + made.replacement.slice( 0, above.end ) ).slice( -40 ),
			after: ( made.replacement.slice( above.end ) + made.after ).slice( 0, 40 )
		};
	}

	module.exports = {
		following: following,
		inverse: inverse,
		linksTo: linksTo,
		locate: locate,
		splice: splice,
		targetOf: targetOf
	};
}() );
