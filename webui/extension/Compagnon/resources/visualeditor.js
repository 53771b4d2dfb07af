/**
 * The panel of suggested links in VisualEditor: a tool in its toolbar, there once the service has suggested
 * something, opens it beside the text (VisualEditor's own kind of dialog for that: the text stays readable and
 * editable, and the panel stays in view while the text scrolls).
 *
 * VisualEditor loads this with itself (extension.json names it as a plugin) and would not open if it failed. So
 * it only says what the toolbar needs; the panel comes when VisualEditor is there and has nothing else to do.
 */
( function () {
	'use strict';

	var NAME = 'compagnonLinks',
		// The panel of the surface that is being edited; there is never more than one.
		current = null;

	function toolLabel( count ) {
		return mw.msg( 'compagnon-panel-tool', String( count ) );
	}

	/** The tool says how many suggestions wait, and is not there before there are any. */
	function updateTool() {
		// Not getToolbar(): it makes one, and VisualEditor that is closing could not be opened again.
		var toolbar = ve.init.target && ve.init.target.toolbar,
			tool = toolbar && toolbar.tools && toolbar.tools[ NAME ];
		if ( tool ) {
			tool.setTitle( toolLabel( current ? current.count : 0 ) );
			tool.toggle( !!current && current.ready );
		}
	}

	function defineTool() {
		function LinksTool() {
			LinksTool.super.apply( this, arguments );
			this.toggle( false );
		}
		OO.inheritClass( LinksTool, ve.ui.ToolbarDialogTool );
		LinksTool.static.name = NAME;
		LinksTool.static.group = 'dialog';
		LinksTool.static.icon = 'articleRedirect';
		LinksTool.static.title = toolLabel( 0 );
		LinksTool.static.displayBothIconAndLabel = true;
		LinksTool.static.autoAddToCatchall = false;
		LinksTool.static.autoAddToGroup = false;
		LinksTool.static.commandName = NAME;
		ve.ui.toolFactory.register( LinksTool );
		ve.ui.commandRegistry.register( new ve.ui.Command( NAME, 'window', 'toggle', { args: [ NAME ] } ) );
	}

	/** Back to the text, where the person was in it. */
	function returnToText() {
		var selection = current.surface.getModel().getSelection();
		if ( !selection.isNull() ) {
			current.focusOn( current.surface, selection );
		}
	}

	function defineDialog() {
		function LinksDialog() {
			LinksDialog.super.apply( this, arguments );
			this.$element.addClass( 'compagnon-visualeditor' );
		}
		OO.inheritClass( LinksDialog, ve.ui.ToolbarDialog );
		LinksDialog.static.name = NAME;
		LinksDialog.static.title = mw.msg( 'compagnon-panel-title' );
		LinksDialog.static.size = 'medium';
		LinksDialog.static.position = 'side';
		LinksDialog.static.activeSurface = true;
		LinksDialog.static.handlesSource = true;

		LinksDialog.prototype.initialize = function () {
			LinksDialog.super.prototype.initialize.call( this );
			// A toolbar lets no key and no click through to what is in none of its widgets.
			this.frame = new OO.ui.Widget();
			this.$body.append( this.frame.$element );
			// The text can be edited meanwhile: Tab leads there and back.
			this.$focusTraps.attr( 'tabindex', -1 );
		};

		LinksDialog.prototype.getSetupProcess = function ( data ) {
			return LinksDialog.super.prototype.getSetupProcess.call( this, data ).next( function () {
				if ( current && current.panel ) {
					this.frame.$element.append( current.panel.$element );
				}
			}, this );
		};

		LinksDialog.prototype.getReadyProcess = function ( data ) {
			return LinksDialog.super.prototype.getReadyProcess.call( this, data ).next( function () {
				if ( current && data.stayInText ) {
					returnToText();
				} else {
					this.$body.find( '.compagnon-panel-heading' ).trigger( 'focus' );
				}
			}, this );
		};

		LinksDialog.prototype.getTeardownProcess = function ( data ) {
			return LinksDialog.super.prototype.getTeardownProcess.call( this, data ).next( function () {
				// Closed by the person, not with the surface.
				if ( current && document.activeElement === document.body ) {
					returnToText();
				}
			} );
		};
		ve.ui.windowFactory.register( LinksDialog );
	}

	function close() {
		if ( current && current.panel ) {
			current.panel.$element.remove();
		}
		current = null;
		updateTool();
	}

	/** Make the panel and ask for suggestions; with any, the tool is there. */
	function fill( opened, target, panels ) {
		opened.focusOn = panels.focusOn;
		opened.panel = panels.createSurfacePanel( target, function ( count ) {
			opened.count = count;
			updateTool();
		} );
		opened.panel.refresh().then( function () {
			if ( current !== opened || opened.panel.$element.prop( 'hidden' ) ) {
				return;
			}
			opened.ready = true;
			updateTool();
			if ( mw.util.getParamValue( 'compagnonlinks' ) === '1' ) {
				target.getSurface().execute( 'window', 'open', NAME, { stayInText: true } );
			}
		} );
	}

	/** Begin anew for the surface that is there now: VisualEditor was opened, or changed its mode. */
	function open() {
		var target = ve.init.target,
			surface = target.getSurface(),
			opened = { surface: surface, ready: false, count: 0, panel: null, focusOn: null };
		close();
		if ( !ve.ui.windowFactory.lookup( NAME ) || surface.isReadOnly() ) {
			return;
		}
		current = opened;
		surface.once( 'destroy', function () {
			if ( current === opened ) {
				close();
			}
		} );
		mw.requestIdleCallback( function () {
			mw.loader.using( 'ext.compagnon.visualeditor.panel' ).then( function ( require ) {
				if ( current === opened ) {
					fill( opened, target, require( 'ext.compagnon.visualeditor.panel' ) );
				}
			} );
		}, { timeout: 5000 } );
	}

	/** Once VisualEditor is loaded, before its toolbar is made. Its mobile form has no room for a panel. */
	function prepare() {
		var target = ve.init.mw.DesktopArticleTarget;
		// It is called again each time that VisualEditor opens on the same page.
		if ( !target || ve.ui.windowFactory.lookup( NAME ) ) {
			return;
		}
		defineTool();
		defineDialog();
		target.static.toolbarGroups = target.static.toolbarGroups.concat( [ { name: NAME, include: [ NAME ] } ] );
	}

	mw.hook( 've.loadModules' ).add( function ( addPlugin ) {
		addPlugin( prepare );
	} );
	mw.hook( 've.activationComplete' ).add( open );
}() );
