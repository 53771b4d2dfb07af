<?php

namespace MediaWiki\Extension\Compagnon;

use Config;
use Skin;

/**
 * Adds to the toolbox of a page the links to what Compagnon knows of it.
 *
 * The hook's interface is left out on purpose: it has moved between the versions of MediaWiki that this works with.
 */
class ToolboxHooks {

	/** @var Config */
	private $config;

	/**
	 * @param Config $config The wiki's settings
	 */
	public function __construct( $config ) {
		$this->config = $config;
	}

	/**
	 * @see https://www.mediawiki.org/wiki/Manual:Hooks/SidebarBeforeOutput
	 * @param Skin $skin
	 * @param array &$sidebar
	 */
	public function onSidebarBeforeOutput( $skin, &$sidebar ): void {
		$base = $this->baseUrl();
		$title = $skin->getTitle();
		if ( $base === null || !$title || !$title->exists() || !$title->isContentPage() ) {
			return;
		}
		$sidebar['TOOLBOX']['compagnon-links'] = [
			'id' => 't-compagnon-links',
			'msg' => 'compagnon-links',
			'href' => wfAppendQuery( "$base/links", [ 'title' => $title->getPrefixedText() ] ),
		];
		$sidebar['TOOLBOX']['compagnon-related'] = [
			'id' => 't-compagnon-related',
			'msg' => 'compagnon-related',
			'href' => wfAppendQuery( "$base/", [ 'q' => $title->getText() ] ),
		];
	}

	/**
	 * The address of the web pages without a closing slash, or null when none can be shown to a reader.
	 *
	 * @return string|null
	 */
	private function baseUrl(): ?string {
		$url = $this->config->get( 'CompagnonUrl' );
		if ( !is_string( $url ) ) {
			return null;
		}
		$url = trim( $url );
		$parts = parse_url( $url );
		$scheme = strtolower( $parts['scheme'] ?? '' );
		if ( !in_array( $scheme, [ 'http', 'https' ], true ) || ( $parts['host'] ?? '' ) === '' ) {
			return null;
		}
		return isset( $parts['query'] ) || isset( $parts['fragment'] ) ? null : rtrim( $url, '/' );
	}
}
