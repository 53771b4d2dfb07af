/**
 * The words around a suggested link as they read: wikitext without its marks. Pure, but for the browser's own
 * table of character references.
 */
( function () {
	'use strict';

	// Shorter than this, the words around reach the beginning or the end of the text.
	var CUT = 60;

	/** @param {string} reference Such as "&nbsp;", and nothing else */
	function decode( reference ) {
		return new DOMParser().parseFromString( reference, 'text/html' ).documentElement.textContent;
	}

	/** Without links' brackets, tags, quotes for bold and italics; with characters for their references. */
	function plain( wikitext ) {
		return wikitext
			.replace( /\[\[[^[\]|]*\|/g, '' )
			.replace( /\[\[|\]\]|'{2,}/g, '' )
			.replace( /\[(?:https?:)?\/\/[^\s\]]*\s?([^\]]*)\]?/gi, '$1' )
			.replace( /<\/?[a-z][^<>]*>/gi, '' )
			.replace( /&(?:#\d+|#x[\da-f]+|[a-z][\da-z]*);/gi, decode )
			.replace( / {2,}/g, ' ' );
	}

	/** Without what stands beside the sentence, where all of it is there: references, comments, templates. */
	function withoutAsides( wikitext ) {
		return wikitext
			.replace( /<!--.*?-->|<ref\b[^<>]*\/>|<ref\b[^<>]*>.*?<\/ref>/gi, '' )
			.replace( /\{\{[^{}]*\}\}/g, '…' );
	}

	/**
	 * @param {string} context The wikitext before the words, cut anywhere
	 * @return {string} What is on the same line, without what is there by half only
	 */
	function lineBefore( context ) {
		var line = context.split( '\n' ).pop(),
			isCut = line.length === context.length && context.length >= CUT,
			read = withoutAsides( isCut ? line.replace( /^\S*\s/, '' ) : line )
				.replace( /^.*(?:-->|<\/ref>)/i, '' )
				.replace( /^.*\}\}/, '…' );
		if ( isCut ) {
			read = read.replace( /^[^<>]*>/, '' ).replace( /^(?:[^[\]|]*\|)?([^[\]|]*)\]\]/, '$1' );
		} else {
			// The marks of a list, or of a table's cell.
			read = read.replace( /^[*#:;]+\s*|^[|!](?:[^|[\]]*=[^|[\]]*\|)?\s*/, '' );
		}
		read = plain( read.replace( /^.*(?:\|\||!!)\s*/, '' ) );
		return isCut ? '… ' + read.replace( /^[\s…]+/, '' ) : read;
	}

	/**
	 * @param {string} context The wikitext after the words, cut anywhere
	 * @return {string} What is on the same line, without what is there by half only
	 */
	function lineAfter( context ) {
		var line = context.split( '\n' )[ 0 ],
			isCut = line.length === context.length && context.length >= CUT,
			read = plain( withoutAsides( isCut ? line.replace( /\s\S*$/, '' ) : line )
				.replace( /(?:<ref\b|<!--|<\/?[a-z]*[^<>]*$).*$/i, '' )
				.replace( /\{\{.*$/, '…' )
				.replace( /\[\[[^\]]*$/, '' )
				.replace( /\s*(?:\|\||!!).*$/, '' ) );
		return isCut ? read.replace( /[\s…]+$/, '' ) + ' …' : read;
	}

	module.exports = { lineBefore: lineBefore, lineAfter: lineAfter };
}() );
