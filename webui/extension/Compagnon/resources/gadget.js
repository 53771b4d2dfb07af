/**
 * The gadget: the panel and the box in a wiki without the extension, on public pages.
 *
 * The browser asks the service itself, from another origin and as nobody. So nothing is told of what people
 * accept or reject: what was rejected is remembered in their browser only.
 */
( function () {
	'use strict';

	var boxes = require( './box.js' ),
		panels = require( './panel.js' ),
		textarea = require( './textarea.js' ),
		// Milliseconds to wait for an answer: nobody is waiting for the panel or the box.
		PATIENCE = 15000,
		// Milliseconds during which a service that failed is left alone.
		PAUSE = 60000,
		// How many rejections a browser remembers, the latest ones.
		REMEMBERED = 500,
		// Pixels from the reader's view at which the box is asked for.
		NEAR = 400,
		AWAY_KEY = 'compagnon-away',
		REJECTED_KEY = 'compagnon-rejected';

	/**
	 * Ask the service, unless it failed a moment ago.
	 *
	 * @param {string} url
	 * @param {Object} options Of jQuery.ajax
	 * @return {jQuery.Promise}
	 */
	function ask( url, options ) {
		var since = Date.now() - Number( mw.storage.session.get( AWAY_KEY ) );
		if ( since >= 0 && since < PAUSE ) {
			return $.Deferred().reject().promise();
		}
		return $.ajax( $.extend( { url: url, dataType: 'json', timeout: PATIENCE }, options ) )
			.then( null, function ( failure ) {
				// A refusal (a page that is not public, say) is an answer.
				if ( !( failure.status >= 400 && failure.status < 500 ) ) {
					mw.storage.session.set( AWAY_KEY, String( Date.now() ) );
				}
				return $.Deferred().reject( failure );
			} );
	}

	/**
	 * What this browser's person rejected: the page, and the page it would have linked to, each by its number.
	 *
	 * @return {string[]} Latest last
	 */
	function readRejected() {
		var kept = mw.storage.getObject( REJECTED_KEY );
		return Array.isArray( kept ) ? kept : [];
	}

	function pairOf( pageid, targetPageid ) {
		return pageid + '>' + targetPageid;
	}

	/**
	 * @param {number} pageid
	 * @param {number} targetPageid
	 * @param {string} verdict "accepted" or "rejected"
	 */
	function remember( pageid, targetPageid, verdict ) {
		var pair = pairOf( pageid, targetPageid ),
			others = readRejected().filter( function ( each ) {
				return each !== pair;
			} );
		// A page that is not saved yet has no number: what is rejected there says nothing of another one.
		if ( pageid ) {
			mw.storage.setObject(
				REJECTED_KEY,
				( verdict === 'rejected' ? others.concat( pair ) : others ).slice( -REMEMBERED )
			);
		}
	}

	/**
	 * @param {Object} reply Of the service, to a request for links
	 * @return {Object} The same without what was rejected here before
	 */
	function withoutRejected( reply ) {
		var rejected = readRejected();

		function isWanted( targetPageid ) {
			return rejected.indexOf( pairOf( reply.pageid, targetPageid ) ) === -1;
		}

		return $.extend( {}, reply, {
			suggestions: reply.suggestions.filter( function ( link ) {
				return isWanted( link.target_pageid );
			} ),
			// eslint-disable-next-line camelcase
			see_also: reply.see_also.filter( function ( page ) {
				return isWanted( page.pageid );
			} )
		} );
	}

	/**
	 * @param {string} url The service's address
	 * @return {Object} The client of panel.js and box.js
	 */
	function createClient( url ) {
		var base = url + '/api/v1/gadget/';
		return {
			box: function ( pageid ) {
				return ask( base + 'box', { data: { pageid: pageid } } );
			},
			links: function ( body ) {
				return ask( base + 'links', {
					method: 'POST',
					contentType: 'application/json',
					data: JSON.stringify( body )
				} ).then( withoutRejected );
			},
			feedback: null,
			remember: remember
		};
	}

	/**
	 * Show the box at the page's end once there is something to show.
	 *
	 * The wiki reserved no space for it, so it is put in only then; it is asked for before the reader is there.
	 *
	 * @param {Object} client
	 */
	function watchPage( client ) {
		var $content = $( '#bodyContent' ).length ? $( '#bodyContent' ) : mw.util.$content,
			$place = $( '<div>' ).appendTo( $content ),
			observer = new IntersectionObserver( function ( entries ) {
				var $box = $( '<aside>' ).attr( 'id', 'compagnon-box' ).addClass( 'compagnon-box-settled noprint' );
				if ( !entries[ entries.length - 1 ].isIntersecting ) {
					return;
				}
				observer.disconnect();
				boxes.fillBox( $box, client, mw.config.get( 'wgArticleId' ) ).then( function ( filled ) {
					$place.replaceWith( filled ? $box : '' );
				} );
			}, { rootMargin: NEAR + 'px' } );
		observer.observe( $place[ 0 ] );
	}

	/** Whether this page is of the wiki's content: no talk, template or script. */
	function isContent() {
		return mw.config.get( 'wgContentNamespaces' ).indexOf( mw.config.get( 'wgNamespaceNumber' ) ) !== -1 &&
			mw.config.get( 'wgPageContentModel' ) === 'wikitext';
	}

	/** Whether the page is shown as it is now: not its past, not a comparison. */
	function isShown() {
		return mw.config.get( 'wgIsArticle' ) && mw.config.get( 'wgArticleId' ) > 0 &&
			!mw.config.get( 'wgIsMainPage' ) && !mw.config.get( 'wgIsRedirect' ) &&
			mw.config.get( 'wgRevisionId' ) === mw.config.get( 'wgCurRevisionId' ) &&
			!mw.config.get( 'wgDiffNewId' );
	}

	/**
	 * @param {Object} settings
	 * @param {string} settings.url The service's address
	 * @param {Object} settings.messages Messages by language, then by key
	 */
	function start( settings ) {
		var language = mw.config.get( 'wgUserLanguage' ).split( '-' )[ 0 ],
			client = createClient( settings.url );
		// Where the extension is, it does the same and knows who asks.
		if ( mw.loader.getState( 'ext.compagnon.panel' ) !== null || !isContent() ) {
			return;
		}
		mw.messages.set( settings.messages[ language ] || settings.messages.en );
		textarea.watchForm( client, panels.createPanel );
		$( function () {
			if ( isShown() && window.IntersectionObserver ) {
				watchPage( client );
			}
		} );
	}

	module.exports = { start: start };
}() );
