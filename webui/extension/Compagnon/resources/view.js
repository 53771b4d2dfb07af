/** The box below a page, filled when the reader comes near it. */
( function () {
	'use strict';

	var boxes = require( './box.js' ),
		client = require( './wikiclient.js' );

	$( function () {
		boxes.fillWhenNear( $( '#compagnon-box' ), client, mw.config.get( 'wgArticleId' ) );
	} );
}() );
