/*!
 * Finds in VisualEditor's document the place that the service named in the wikitext.
 *
 * The document has no wikitext offsets. A place is therefore known by its words and by the letters around them:
 * the wikitext is reduced to what VisualEditor shows as text, and compared with the document's own text. Spaces,
 * punctuation and formatting do not count, so a bold word or a changed comma hides nothing.
 */
( function () {
	'use strict';

	// Letters compared on each side: more than a sentence, so that only text that is repeated whole is a tie.
	var REACH = 120,
		// Characters that are looked at for them: there may be much space and punctuation between.
		WINDOW = 10 * REACH,
		// Fewer letters around the words than this do not prove that it is the place that was shown.
		PROOF = 12,
		START = '\uE000',
		END = '\uE001',
		NO_LETTERS = new RegExp( '[\\s\\u0000-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00bf\\u2000-\\u206f' +
			'\\u3000-\\u303f\\ue000\\ue001\\ufffc]+', 'g' ),
		// Text that stands apart from the page's own: contents of references, captions, galleries.
		APART = [ 'internalList', 'internalItem', 'mwReferencesList', 'blockImage', 'mwBlockImage', 'mwGallery',
			'mwTransclusionBlock', 'mwAlienBlockExtension', 'alienBlock' ],
		// Blocks whose text no link is put into.
		WITHOUT_LINKS = [ 'heading', 'mwHeading', 'preformatted', 'mwPreformatted', 'mwPre', 'blockquote',
			'tableCaption', 'imageCaption', 'mwImageCaption' ],
		WITHOUT_LINKS_INLINE = /^(link|mwNowiki|mwAlienAnnotation|mwAnnotation|meta\/)|^textStyle\/(code|userInput|variable|quotation)/,
		DROPPED_TAGS = 'ref|gallery|syntaxhighlight|source|math|score|timeline|templatedata|graph|hiero|imagemap';

	/**
	 * What VisualEditor's document says in words, with the place of every character.
	 *
	 * @param {ve.dm.Document} doc
	 * @return {{text: string, from: number[], to: number[], linkable: boolean[]}} For each code unit of the text
	 *  where it stands in the document, and whether it is in a block that links are put into.
	 */
	function readDocument( doc ) {
		var page = { text: '', from: [], to: [], linkable: [] };

		function add( text, from, to, linkable ) {
			var i;
			page.text += text;
			for ( i = 0; i < text.length; i++ ) {
				page.from.push( from );
				page.to.push( to );
				page.linkable.push( linkable );
			}
		}

		function readContent( range, linkable ) {
			var offset, next;
			for ( offset = range.start; offset < range.end; offset = next ) {
				next = offset + 1;
				if ( doc.data.isElementData( offset ) ) {
					// An image, a reference, a template: one sign that no word goes across.
					while ( next < range.end && !doc.data.isCloseElementData( next - 1 ) ) {
						next++;
					}
					add( '\uFFFC', offset, next, false );
				} else {
					add( doc.data.getCharacterData( offset ), offset, next, linkable );
				}
			}
			add( '\n', range.end, range.end, false );
		}

		function readNode( node, linkable ) {
			var type = node.getType();
			if ( APART.indexOf( type ) !== -1 ) {
				return;
			}
			linkable = linkable && WITHOUT_LINKS.indexOf( type ) === -1;
			if ( node.canContainContent() ) {
				readContent( node.getRange(), linkable );
			} else if ( node.children ) {
				node.children.forEach( function ( child ) {
					readNode( child, linkable );
				} );
			}
		}

		readNode( doc.getDocumentNode(), true );
		return page;
	}

	/**
	 * Replace until nothing changes: what is nested goes from the inside out.
	 *
	 * @param {string} text
	 * @param {RegExp} pattern
	 * @param {string|Function} replacement
	 * @return {string}
	 */
	function replaceNested( text, pattern, replacement ) {
		var before;
		do {
			before = text;
			text = text.replace( pattern, replacement );
		} while ( text !== before );
		return text;
	}

	/**
	 * The text that a link of the wikitext shows; none for a file or a category.
	 *
	 * @param {string} whole
	 * @param {string} content what stands between the brackets
	 * @return {string}
	 */
	function linkLabel( whole, content ) {
		var namespace = /^\s*([^:|]+?)\s*:/.exec( content ),
			number = namespace && mw.config.get( 'wgNamespaceIds' )[
				namespace[ 1 ].toLowerCase().replace( / /g, '_' ) ];
		return number === 6 || number === 14 ? '' : content.slice( content.indexOf( '|' ) + 1 );
	}

	/**
	 * About what VisualEditor shows of a wikitext as text. Exact it need not be: it is only compared.
	 *
	 * @param {string} wikitext
	 * @return {string}
	 */
	function showWikitext( wikitext ) {
		var text = wikitext
			.replace( /<!--[\s\S]*?-->/g, '' )
			.replace( new RegExp( '<(' + DROPPED_TAGS + ')\\b[^<>]*/>', 'gi' ), '' )
			.replace( new RegExp( '<(' + DROPPED_TAGS + ')\\b[^<>]*>[\\s\\S]*?</\\1\\s*>', 'gi' ), '' );
		text = replaceNested( text, /\{\{[^{}]*\}\}/g, '' );
		text = replaceNested( text, /\[\[([^[\]]*)\]\]/g, linkLabel );
		return text
			.replace( /\[(?:https?:)?\/\/[^\s\]]+ ?([^\]]*)\]/gi, '$1' )
			.replace( /^\s*(?:\{\||\|-|\|\+|\|\}).*$/gm, '' )
			.replace( /(^|\|\||!!)\s*[|!]?[^|!\n\uE000\uE001]*=\s*"[^"\n]*"\s*\|(?!\|)/gm, '$1' )
			.replace( /<\/?[a-z][^<>]*>/gi, '' )
			.replace( /&#?\w+;/g, '' )
			.replace( /__[A-Z]+__/g, '' );
	}

	function letters( text ) {
		return text.replace( NO_LETTERS, '' ).toLowerCase();
	}

	/** How many letters stand before each place of a text, the end included. */
	function countLetters( text ) {
		var counts = [ 0 ],
			i;
		for ( i = 0; i < text.length; i++ ) {
			counts.push( counts[ i ] + letters( text[ i ] ).length );
		}
		return counts;
	}

	function commonEnd( one, other ) {
		var length = 0;
		while ( length < REACH && length < one.length && length < other.length &&
			one[ one.length - 1 - length ] === other[ other.length - 1 - length ] ) {
			length++;
		}
		return length;
	}

	function commonStart( one, other ) {
		var length = 0;
		while ( length < REACH && length < one.length && length < other.length &&
			one[ length ] === other[ length ] ) {
			length++;
		}
		return length;
	}

	function isLetter( text, index ) {
		return index >= 0 && index < text.length && letters( text[ index ] ) !== '';
	}

	function isPlain( doc, offset ) {
		return doc.data.getAnnotationsFromOffset( offset ).get().every( function ( annotation ) {
			return !WITHOUT_LINKS_INLINE.test( annotation.getType() );
		} );
	}

	/**
	 * Every place in the document where the words stand by themselves and a link may be put.
	 *
	 * @param {ve.dm.Document} doc
	 * @param {Object} page as `readDocument` returns it
	 * @param {string} words
	 * @return {number[]} offsets in the page's text
	 */
	function findWords( doc, page, words ) {
		var found = [],
			at = page.text.indexOf( words ),
			index;
		for ( ; at !== -1; at = page.text.indexOf( words, at + 1 ) ) {
			for ( index = at; index < at + words.length && page.linkable[ index ] && isPlain( doc, page.from[ index ] ); ) {
				index++;
			}
			if ( index === at + words.length && !isLetter( page.text, at - 1 ) && !isLetter( page.text, index ) ) {
				found.push( at );
			}
		}
		return found;
	}

	/**
	 * Where VisualEditor's document has the words of an edit.
	 *
	 * @param {ve.dm.Document} doc
	 * @param {string} wikitext the text that the edit's offsets are of
	 * @param {Object} edit `start`, `end` and `original`, as the service sends it
	 * @return {ve.Range|null} null when the words are not there any more, or in no place for a link
	 */
	function findRange( doc, wikitext, edit ) {
		var shown = showWikitext( wikitext.slice( 0, edit.start ) + START + wikitext.slice( edit.start, edit.end ) +
				END + wikitext.slice( edit.end ) ),
			start = shown.indexOf( START ),
			end = shown.indexOf( END ),
			page = readDocument( doc ),
			best = null,
			words, before, after, counts, share;
		if ( start === -1 || end < start ) {
			return null;
		}
		words = shown.slice( start + 1, end ).replace( /'{2,}/g, '' ).replace( /\s/g, ' ' );
		if ( words === '' ) {
			return null;
		}
		page.text = page.text.replace( /[^\S\n]/g, ' ' );
		before = letters( shown.slice( 0, start ) );
		after = letters( shown.slice( end ) );
		share = before.length / Math.max( 1, before.length + after.length );
		counts = countLetters( page.text );
		findWords( doc, page, words ).forEach( function ( at ) {
			var end = at + words.length,
				left = letters( page.text.slice( Math.max( 0, at - WINDOW ), at ) ),
				right = letters( page.text.slice( end, end + WINDOW ) ),
				alike = commonEnd( left, before ) + commonStart( right, after ),
				// Of places that are alike, the one that is as far down the page.
				away = Math.abs( counts[ at ] / Math.max( 1, counts[ page.text.length ] ) - share );
			if ( !best || alike > best.alike || ( alike === best.alike && away < best.away ) ) {
				best = { at: at, alike: alike, away: away };
			}
		} );
		if ( !best || best.alike < Math.min( PROOF, before.length + after.length ) ) {
			return null;
		}
		return new ve.Range( page.from[ best.at ], page.to[ best.at + words.length - 1 ] );
	}

	module.exports = { findRange: findRange, showWikitext: showWikitext };
}() );
