/**
 * What the panel and the box ask, by the wiki's own REST routes: the wiki says who asks, and shows nobody what
 * they may not read.
 */
( function () {
	'use strict';

	// Longer than the wiki waits for the service.
	var PATIENCE = 15000;

	function ask( route, options ) {
		return $.ajax( $.extend( {
			url: mw.util.wikiScript( 'rest' ) + '/compagnon/v0/' + route,
			dataType: 'json',
			timeout: PATIENCE
		}, options ) );
	}

	function post( route, body ) {
		return ask( route, {
			method: 'POST',
			contentType: 'application/json',
			data: JSON.stringify( $.extend( { token: mw.user.tokens.get( 'csrfToken' ) }, body ) )
		} );
	}

	module.exports = {
		box: function ( pageid ) {
			return ask( 'box/' + pageid );
		},
		links: function ( body ) {
			return post( 'links', body );
		},
		// Only members are heard.
		feedback: mw.config.get( 'wgUserName' ) === null || mw.config.get( 'wgUserIsTemp' ) ? null : function ( body ) {
			return post( 'feedback', body );
		}
	};
}() );
