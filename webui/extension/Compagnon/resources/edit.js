/** The panel below the wiki's text area. */
require( './textarea.js' ).watchForm( require( './wikiclient.js' ), require( 'ext.compagnon.panel' ).createPanel );
