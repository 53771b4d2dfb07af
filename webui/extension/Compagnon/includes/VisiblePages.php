<?php

namespace MediaWiki\Extension\Compagnon;

use MediaWiki\Page\PageStore;
use MediaWiki\Permissions\Authority;
use Title;
use TitleFactory;

/**
 * Says which pages a reader may see, as the wiki itself would, and what they are called now.
 */
class VisiblePages {

	/** @var PageStore */
	private $pages;

	/** @var TitleFactory */
	private $titles;

	/**
	 * @param PageStore $pages
	 * @param TitleFactory $titles
	 */
	public function __construct( $pages, $titles ) {
		$this->pages = $pages;
		$this->titles = $titles;
	}

	/**
	 * The pages that are there, are no redirects, and that the reader may read, in one query.
	 *
	 * @param int[] $pageIds
	 * @param Authority $reader
	 * @return Title[] By page id
	 */
	public function find( array $pageIds, Authority $reader ): array {
		$pageIds = array_values( array_unique( $pageIds ) );
		if ( !$pageIds ) {
			return [];
		}
		$found = [];
		$records = $this->pages->newSelectQueryBuilder()->wherePageIds( $pageIds )->caller( __METHOD__ )
			->fetchPageRecords();
		foreach ( $records as $record ) {
			if ( !$record->isRedirect() && $reader->definitelyCan( 'read', $record ) ) {
				$found[$record->getId()] = $this->titles->castFromPageIdentity( $record );
			}
		}
		return $found;
	}

	/**
	 * One page that the reader may read, redirect or not; null when there is none, and when they may not.
	 *
	 * @param int $pageId
	 * @param Authority $reader
	 * @return Title|null
	 */
	public function one( int $pageId, Authority $reader ): ?Title {
		$record = $pageId > 0 ? $this->pages->getPageById( $pageId ) : null;
		if ( $record === null || !$reader->definitelyCan( 'read', $record ) ) {
			return null;
		}
		return $this->titles->castFromPageIdentity( $record );
	}
}
