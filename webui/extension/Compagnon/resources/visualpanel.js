/** The panel of the surface that VisualEditor shows now. Loaded once VisualEditor is there: it waits for nothing. */
( function () {
	'use strict';

	var client = require( './wikiclient.js' ),
		panels = require( 'ext.compagnon.panel' ),
		surfaces = require( './visualsurface.js' );

	/**
	 * @param {ve.init.mw.ArticleTarget} target
	 * @param {Function} onCount Called with the number of suggestions that wait
	 * @return {Object} As createPanel of panel.js
	 */
	function createSurfacePanel( target, onCount ) {
		var pageid = mw.config.get( 'wgArticleId' );
		return panels.createPanel( {
			client: client,
			editor: surfaces.createSurfaceEditor( target ),
			pageid: pageid,
			revid: pageid ? target.revid : 0,
			title: target.getPageName().replace( /_/g, ' ' ),
			framed: true,
			onCount: onCount
		} );
	}

	module.exports = { createSurfacePanel: createSurfacePanel, focusOn: surfaces.focusOn };
}() );
