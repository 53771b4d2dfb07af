/**
 * The box "Related practices and people" below a page.
 *
 * Its space is reserved by the style sheet before it is filled, so that nothing moves under the reader's eyes;
 * what it does not need, it gives back only while it is below what the reader sees.
 */
( function () {
	'use strict';

	// Asked for when the box is this close (in pixels), so that it is usually there when the reader is.
	var NEAR = 400;

	/** @param {HTMLElement} element */
	function isBelowView( element ) {
		return element.getBoundingClientRect().top >= window.innerHeight;
	}

	/**
	 * Do something that changes the box's height: now, or as soon as the box is below what the reader sees.
	 *
	 * @param {HTMLElement} element
	 * @param {Function} change
	 */
	function changeUnseen( element, change ) {
		var observer;
		if ( isBelowView( element ) ) {
			change();
			return;
		}
		observer = new IntersectionObserver( function () {
			if ( isBelowView( element ) ) {
				observer.disconnect();
				change();
			}
		} );
		observer.observe( element );
	}

	function createLink( title ) {
		return $( '<a>' ).attr( { href: mw.util.getUrl( title ), title: title } ).text( title );
	}

	function createRelated( page ) {
		var $item = $( '<li>' ).append( $( '<span>' ).addClass( 'compagnon-box-title' ).append( createLink( page.title ) ) ),
			message = page.status && mw.message( 'compagnon-box-status-' + page.status );
		if ( page.status ) {
			$item.children().append( ' ', $( '<span>' ).addClass( 'compagnon-box-status' )
				.text( message.exists() ? message.text() : page.status ) );
		}
		if ( page.sentence ) {
			$item.append( $( '<span>' ).addClass( 'compagnon-box-sentence' ).text( page.sentence ) );
		}
		return $item;
	}

	/**
	 * @param {Object} person
	 * @param {number} here The page that is being read: it needs no link
	 * @return {jQuery}
	 */
	function createPerson( person, here ) {
		var $name = person.user ?
				createLink( mw.config.get( 'wgFormattedNamespaces' )[ 2 ] + ':' + person.user ).text( person.name ) :
				$( '<span>' ).text( person.name ),
			$pages = $( '<span>' ).addClass( 'compagnon-box-sentence' );
		person.pages.forEach( function ( page, place ) {
			$pages.append( place ? ' · ' : '', page.pageid === here ? mw.msg( 'compagnon-box-here' ) : createLink( page.title ) );
		} );
		return $( '<li>' ).append( $( '<span>' ).addClass( 'compagnon-box-title' ).append( $name ), $pages );
	}

	function createPart( message, items, create ) {
		var id = 'compagnon-box-' + message;
		return items.length ? $( '<div>' ).addClass( 'compagnon-box-part' ).append(
			// eslint-disable-next-line mediawiki/msg-doc
			$( '<h3>' ).attr( 'id', id ).text( mw.msg( 'compagnon-box-' + message ) ),
			$( '<ul>' ).attr( 'aria-labelledby', id ).append( items.map( create ) )
		) : $();
	}

	/**
	 * Fill the box, or let it go where the service has nothing to say.
	 *
	 * @param {jQuery} $element The <aside>, with a heading or without
	 * @param {Object} client { box( pageid ) } giving a jQuery promise
	 * @param {number} pageid
	 * @return {jQuery.Promise} Resolved with whether there was something to show
	 */
	function fillBox( $element, client, pageid ) {
		var element = $element[ 0 ],
			done = $.Deferred();

		function fill( reply ) {
			var related = reply && reply.related || [],
				people = reply && reply.people || [];
			if ( !related.length && !people.length ) {
				$element.addClass( 'compagnon-box-empty' );
				changeUnseen( element, function () {
					$element.prop( 'hidden', true );
				} );
				done.resolve( false );
				return;
			}
			if ( !$element.find( 'h2' ).length ) {
				$element.attr( 'aria-labelledby', 'compagnon-box-heading' ).prepend(
					$( '<h2>' ).attr( 'id', 'compagnon-box-heading' ).text( mw.msg( 'compagnon-box-heading' ) )
				);
			}
			$element.find( '.compagnon-box-body' ).remove();
			$( '<div>' ).addClass( 'compagnon-box-body' ).attr( {
				lang: mw.config.get( 'wgPageContentLanguage' ), dir: 'auto'
			} ).append(
				createPart( 'related', related, createRelated ),
				createPart( 'people', people, function ( person ) {
					return createPerson( person, pageid );
				} )
			).appendTo( $element );
			changeUnseen( element, function () {
				$element.addClass( 'compagnon-box-settled' );
			} );
			done.resolve( true );
		}

		client.box( pageid ).then( fill, function () {
			fill( null );
		} );
		return done.promise();
	}

	/**
	 * Fill the box once, when the reader comes near it.
	 *
	 * @param {jQuery} $element
	 * @param {Object} client
	 * @param {number} pageid
	 */
	function fillWhenNear( $element, client, pageid ) {
		var observer;
		if ( !$element.length || !window.IntersectionObserver ) {
			return;
		}
		observer = new IntersectionObserver( function ( entries ) {
			if ( entries[ entries.length - 1 ].isIntersecting ) {
				observer.disconnect();
				fillBox( $element, client, pageid );
			}
		}, { rootMargin: NEAR + 'px' } );
		observer.observe( $element[ 0 ] );
	}

	module.exports = { fillBox: fillBox, fillWhenNear: fillWhenNear };
}() );
