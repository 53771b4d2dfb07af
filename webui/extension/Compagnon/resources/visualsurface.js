/**
 * VisualEditor's surface as the panel's editor (panel.js says what one can do): the visual mode, and the source
 * mode ("2017 wikitext editor"). Links go through the surface's own model, each as one step of its history.
 */
( function () {
	'use strict';

	var edits = require( './edits.js' ),
		visualText = require( './visualtext.js' ),
		KEPT_TEXTS = 3;

	/**
	 * Change the model in one step of its history, whatever was typed just before or is typed just after.
	 *
	 * @param {ve.dm.Surface} model
	 * @param {Function} change
	 */
	function inOneStep( model, change ) {
		model.breakpoint();
		change();
		model.breakpoint();
	}

	/**
	 * The wikitext of a revision as it was saved.
	 *
	 * @param {number} revid 0 for a page that does not exist
	 * @return {jQuery.Promise}
	 */
	function getSavedText( revid ) {
		if ( !revid ) {
			return $.Deferred().resolve( '' ).promise();
		}
		return new mw.Api().get( {
			formatversion: 2, action: 'query', prop: 'revisions', revids: revid, rvprop: 'content', rvslots: 'main'
		} ).then( function ( reply ) {
			return reply.query.pages[ 0 ].revisions[ 0 ].slots.main.content;
		} );
	}

	/**
	 * The wikitext of a document as it is being edited.
	 *
	 * Not by the target's own `serialize`: it hands a request under way to whoever asks meanwhile, so that saving
	 * could get a text without what was typed since.
	 *
	 * @param {ve.init.mw.ArticleTarget} target
	 * @return {jQuery.Promise}
	 */
	function getEditedText( target ) {
		var saver = mw.libs.ve.targetSaver;
		return saver.deflateDoc( target.getSurface().getDom(), target.doc ).then( function ( html ) {
			return saver.postHtml( html, null, {
				paction: 'serialize', page: target.getPageName(), oldid: target.revid, etag: target.etag
			}, { api: target.getContentApi() } );
		} ).then( function ( reply ) {
			return reply.content;
		} );
	}

	/**
	 * Give the text the focus, and select something in it.
	 *
	 * @param {ve.ui.Surface} surface
	 * @param {ve.dm.Selection} selection
	 */
	function focusOn( surface, selection ) {
		var view = surface.getView();

		function select() {
			surface.getModel().setSelection( selection );
			surface.scrollSelectionIntoView();
		}

		if ( view.isFocused() ) {
			select();
		} else {
			// Taking the focus moves the selection to the first visible line, a moment later.
			view.once( 'focus', select );
		}
		view.focus();
	}

	/**
	 * What both modes can do.
	 *
	 * @param {ve.ui.Surface} surface
	 * @param {Object} own What only one mode does: findRange( edit ), and methods of the editor
	 * @return {Object}
	 */
	function createEditor( surface, own ) {
		var model = surface.getModel();
		return $.extend( {
			select: function ( edit ) {
				var range = own.findRange( edit );
				if ( range ) {
					focusOn( surface, new ve.dm.LinearSelection( range ) );
				}
				return !!range;
			},
			undo: function () {
				model.undo();
			},
			onChange: function ( listener ) {
				model.on( 'history', mw.util.debounce( listener, 300 ) );
			}
		}, own );
	}

	/**
	 * @param {ve.init.mw.ArticleTarget} target
	 * @return {Object}
	 */
	function createVisualEditor( target ) {
		var surface = target.getSurface(),
			model = surface.getModel(),
			doc = model.getDocument(),
			texts = [],
			made = [],
			linked = { at: -1, titles: {} };

		/** The text that an edit's offsets are of: an older one, when the service failed to answer for the latest. */
		function textOf( edit ) {
			return texts.filter( function ( text ) {
				return text.slice( edit.start, edit.end ) === edit.original &&
					text.slice( 0, edit.start ).slice( -edit.before.length || edit.start ) === edit.before;
			} )[ 0 ];
		}

		function findRange( edit ) {
			var text = textOf( edit );
			return text === undefined ? null : visualText.findRange( doc, text, edit );
		}

		function linkTitle( edit ) {
			return mw.Title.newFromText( edits.targetOf( edit ) );
		}

		/** The titles that the document links to, read anew when it has changed. */
		function linkedTitles() {
			var at = doc.getCompleteHistoryLength(),
				values;
			if ( linked.at !== at ) {
				linked = { at: at, titles: {} };
				values = doc.data.getUsedStoreValues();
				Object.keys( values ).forEach( function ( hash ) {
					if ( values[ hash ] instanceof ve.dm.MWInternalLinkAnnotation ) {
						linked.titles[ values[ hash ].getAttribute( 'lookupTitle' ) ] = true;
					}
				} );
			}
			return linked.titles;
		}

		function holds( edit ) {
			var title = linkTitle( edit );
			return !!title && linkedTitles()[ title.getPrefixedText() ] === true;
		}

		return createEditor( surface, {
			findRange: findRange,
			holds: holds,
			getText: function () {
				var edited = target.fromEditedState || model.hasBeenModified();
				return ( edited ? getEditedText( target ) : getSavedText( target.revid ) ).then( function ( text ) {
					texts.unshift( text );
					texts.length = Math.min( texts.length, KEPT_TEXTS );
					return text;
				} );
			},
			apply: function ( edit ) {
				var title = linkTitle( edit ),
					range = title && !holds( edit ) && !model.isReadOnly() && findRange( edit ),
					fragment;
				if ( !range ) {
					return false;
				}
				// A fragment follows its words through all later changes.
				fragment = model.getLinearFragment( range, true );
				inOneStep( model, function () {
					fragment.annotateContent( 'set', ve.dm.MWInternalLinkAnnotation.static.newFromTitle( title ) );
				} );
				made.push( { edit: edit, fragment: fragment } );
				return true;
			},
			revert: function ( edit ) {
				var title = linkTitle( edit ).getPrefixedText(),
					own = made.filter( function ( one ) {
						return one.edit === edit;
					} ).pop(),
					links = own ? own.fragment.getAnnotations( true ).filter( function ( annotation ) {
						return annotation instanceof ve.dm.MWInternalLinkAnnotation &&
							annotation.getAttribute( 'lookupTitle' ) === title;
					} ) : null;
				if ( !links || links.isEmpty() ) {
					return false;
				}
				inOneStep( model, function () {
					own.fragment.annotateContent( 'clear', links );
				} );
				return true;
			}
		} );
	}

	/**
	 * @param {ve.init.mw.ArticleTarget} target
	 * @return {Object}
	 */
	function createSourceEditor( target ) {
		var surface = target.getSurface(),
			model = surface.getModel();

		function findRange( edit ) {
			var place = edits.locate( surface.getDom(), edit );
			return place && model.getRangeFromSourceOffsets( place.start, place.end );
		}

		function apply( edit ) {
			var range = !model.isReadOnly() && findRange( edit );
			if ( range ) {
				inOneStep( model, function () {
					model.getLinearFragment( range, true ).insertContent( edit.replacement );
				} );
			}
			return !!range;
		}

		return createEditor( surface, {
			// A section's text does not say where the page's "See also" is.
			seeAlso: target.section === null,
			findRange: findRange,
			apply: apply,
			revert: function ( edit ) {
				return apply( edits.inverse( edit ) );
			},
			holds: function ( edit ) {
				return edits.linksTo( surface.getDom(), edits.targetOf( edit ) );
			},
			getText: function () {
				return $.Deferred().resolve( surface.getDom() ).promise();
			}
		} );
	}

	module.exports = {
		focusOn: focusOn,
		createSurfaceEditor: function ( target ) {
			return ( target.getSurface().getMode() === 'source' ? createSourceEditor : createVisualEditor )( target );
		}
	};
}() );
